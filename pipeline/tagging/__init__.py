"""A local web page on which people say which URL patterns are mathematical.

``mined`` reads what a round's mining left, ``queue`` orders what there is to decide,
``store`` saves each decision at once, ``app`` serves page and API, ``__main__`` is the
command line.
"""
