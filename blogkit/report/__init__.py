"""Claims of a notebook, their table, figures and machine-readable results.

NumPy tier, a leaf: no keras; matplotlib, Pillow and IPython in the functions that need them.
"""

from blogkit.report.check_parameters import check_parameters
from blogkit.report.checkpoints import CHECKPOINTS, checkpoint_folder
from blogkit.report.chinese_font import chinese_font
from blogkit.report.claim import Claim
from blogkit.report.environment import environment
from blogkit.report.memory import peak_growth
from blogkit.report.quiet import quiet_start
from blogkit.report.report import CLAIMS_MIME, Report
from blogkit.report.seeds import t_interval
from blogkit.report.totals import totals
from blogkit.report.write import write_atomically

__all__ = [
    "CHECKPOINTS",
    "CLAIMS_MIME",
    "Claim",
    "Report",
    "check_parameters",
    "checkpoint_folder",
    "chinese_font",
    "environment",
    "peak_growth",
    "quiet_start",
    "t_interval",
    "totals",
    "write_atomically",
]
