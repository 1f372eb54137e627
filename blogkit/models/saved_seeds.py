"""Drop-outs that go on where they were after a model is saved and loaded."""

from keras import ops


class SavedSeeds:
    """Makes a `keras.Model` save where its random numbers are, those of its layers included.

    Keras does not, so that a resumed `fit` would drop other units than one that was not interrupted.
    Comes before `keras.Model` among a class' bases.
    """

    def _seed_states(self):
        return [variable for variable in self.variables if variable.name == "seed_generator_state"]

    def save_own_variables(self, store):
        super().save_own_variables(store)
        for number, state in enumerate(self._seed_states()):
            store[f"seed_{number}"] = ops.convert_to_numpy(state)

    def load_own_variables(self, store):
        for number, state in enumerate(self._seed_states()):
            state.assign(store[f"seed_{number}"])
        super().load_own_variables({key: store[key] for key in store.keys() if not key.startswith("seed_")})
