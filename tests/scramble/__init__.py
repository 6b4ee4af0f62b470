"""Make another shop of a Django project: other names, other bases, another order, same behaviour.

    python -m tests.scramble sample_django_app /tmp/other --seed 7

The project is first surveyed in its own Django (`survey.py`): which names are its own, and at
which places of the source a name like ``status`` belongs to the framework. Then every word of
its vocabulary gets a made-up word (`vocabulary.py`), all files are rewritten (`renaming.py`),
and classes get equivalent bases and another order (`reshaping.py`).

What stays, because it is no vocabulary of the project: what Django, DRF and the other packages
prescribe, fields that Django's own base models declare (``email``, ``is_active``), options on the
command line, environment variables, the values of data, and enum members whose words are no
names of the project.
"""

from tests.scramble.project import Names, scramble

__all__ = ["Names", "scramble"]
