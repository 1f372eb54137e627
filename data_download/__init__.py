"""Download and verify the full data sets: `python -m data_download list`.

The sets, their addresses and licences are listed in one file,
`blogkit/datasets/catalogue.toml`, which the readers of blogkit also use.
blogkit never imports this package.
"""
