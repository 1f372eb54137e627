"""`python -m blogkit bundle`: one file that installs and runs the notebooks without internet."""
