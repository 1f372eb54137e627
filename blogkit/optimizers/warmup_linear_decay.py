"""Learning-rate schedule with a linear warm-up, a linear decay and a constant end."""

import keras
from keras import ops

from blogkit.checks import check_count


@keras.saving.register_keras_serializable("blogkit")
class WarmupLinearDecay(keras.optimizers.schedules.LearningRateSchedule):
    """Rises linearly to `peak` in `steps` steps, falls to `floor` in as many, then stays constant.

    With S = `steps`, for the step t = 0, 1, 2, ...,

        rate(t) = peak (t + 1) / S                              t < S
        rate(t) = floor + (peak - floor) (2 - (t + 1) / S)      S <= t < 2 S
        rate(t) = floor                                         2 S <= t

    as the callbacks of kexue.fm, archives/6736 and 6771, set it for BERT: S is the number of
    batches of an epoch. Under `AccumOptimizer` a step is an update, so S is the number of batches
    divided by `steps_per_update`.

    Args:
        steps: S, a positive integer.
        peak: The largest rate.
        floor: The last rate.

    Raises:
        ValueError: If `steps` is not a positive integer, or 0 <= floor <= peak does not hold.

    Example:

    >>> from blogkit.optimizers import WarmupLinearDecay
    >>> rate = WarmupLinearDecay(4, peak=8.0, floor=2.0)
    >>> [round(float(rate(step)), 2) for step in range(10)]
    [2.0, 4.0, 6.0, 8.0, 6.5, 5.0, 3.5, 2.0, 2.0, 2.0]
    """

    def __init__(self, steps: int, peak: float = 5e-5, floor: float = 1e-5):
        check_count(name="steps", value=steps)
        if not 0 <= floor <= peak:
            raise ValueError(
                f"`floor` and `peak` must satisfy 0 <= floor <= peak. Received: floor={floor}, peak={peak}."
            )
        self.steps, self.peak, self.floor = int(steps), float(peak), float(floor)

    def __call__(self, step):
        # Cut before the cast: float32 would not tell late steps apart.
        done = ops.cast(ops.minimum(ops.cast(step, "int32"), 2 * self.steps - 1) + 1, "float32") / self.steps
        return ops.where(done <= 1, self.peak * done, self.floor + (self.peak - self.floor) * (2 - done))

    def get_config(self):
        return {"steps": self.steps, "peak": self.peak, "floor": self.floor}
