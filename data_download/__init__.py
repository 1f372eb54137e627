"""Fetches and checks the full data sets: `python -m data_download list`.

What there is, from where and under whose terms stands in one file,
`blogkit/datasets/catalogue.toml`, which blogkit's readers use, too. blogkit
never imports this package.
"""
