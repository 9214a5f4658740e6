"""The review room: a page of this machine where a finished dub is watched, corrected line by line and approved.

`dub_folder` reads what a dub delivered, `film` finds its source, `sound` serves source, dub and bed as one stream of
six channels, `guard` refuses whoever has no token, `redo` runs the pipeline again, `app` puts them together
and `server` listens on the loopback interface.
"""
