"""Saving of random seeds, so that a resumed training draws the same dropout masks."""

from keras import ops


def seed_states(model) -> list:
    """The variables with the states of all seed generators of `model`; Keras does not save them."""
    return [variable for variable in model.variables if variable.name == "seed_generator_state"]


class SavedSeeds:
    """Mixin for a `keras.Model`: saves and loads the states of all its seed generators.

    Keras does not save them, so a resumed `fit` would draw other dropout masks than an
    uninterrupted one. Put it before `keras.Model` in the list of bases.
    """

    def save_own_variables(self, store):
        super().save_own_variables(store)
        for number, state in enumerate(seed_states(self)):
            store[f"seed_{number}"] = ops.convert_to_numpy(state)

    def load_own_variables(self, store):
        for number, state in enumerate(seed_states(self)):
            state.assign(store[f"seed_{number}"])
        super().load_own_variables({key: store[key] for key in store.keys() if not key.startswith("seed_")})
