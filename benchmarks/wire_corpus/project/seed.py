"""Makes the tables and rows of the corpus project, and prints credentials as JSON."""

import datetime
import importlib
import json
import os
import random
import sys
import uuid
from decimal import Decimal


def main(seed):
    """Run in the legacy project's interpreter, in its folder."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
    importlib.import_module("django").setup()
    call_command = importlib.import_module("django.core.management").call_command
    call_command("makemigrations", "library", verbosity=0)
    call_command("migrate", verbosity=0)
    rows(random.Random(seed))
    print(json.dumps(credentials()))


def rows(chance):
    """Users, authors, tags, books, papers."""
    models = importlib.import_module("library.models")
    auth = importlib.import_module("django.contrib.auth.models")
    words = [
        "Amber",
        "birch tree",
        "coral",
        "Delta 50%",
        "ember_x",
        "Éclair",
        "grain, sweet",
        "haven",
    ]
    users = [
        auth.User.objects.create_superuser("admin", password="admin-pass"),
        auth.User.objects.create_user("alice", password="alice-pass"),
        auth.User.objects.create_user("bob", password="bob-pass", is_staff=True),
        auth.User.objects.create_user("gone", password="gone-pass", is_active=False),
    ]
    for code in ("add_tag", "view_tag"):
        users[1].user_permissions.add(auth.Permission.objects.get(codename=code))
    for number, word in enumerate(words):
        models.Author.objects.create(
            name=word,
            email=f"a{number}@example.com",
            rating=Decimal(chance.randint(0, 99)) / 10,
            born=chance.choice([None, datetime.date(1960 + number, 2, 3)]),
            active=chance.random() < 0.7,
        )
        models.Tag.objects.create(name=f"tag{number}", rank=chance.randint(-5, 20))
    for number in range(30):
        book = models.Book.objects.create(
            title=f"{chance.choice(words)} {number}",
            author_id=chance.randint(1, 8),
            kind=chance.choice(["novel", "poems"]),
            price=Decimal(chance.randint(0, 9999)) / 100,
            pages=chance.choice([None, 0, chance.randint(1, 900)]),
            published=chance.choice(
                [
                    None,
                    datetime.datetime(2023, chance.randint(1, 12), 5, 22, tzinfo=datetime.UTC),
                ]
            ),
            weight=chance.choice([None, chance.random() * 3]),
            lent=chance.choice([None, datetime.timedelta(chance.randint(0, 3), 7, 5000)]),
            code=chance.choice([None, uuid.UUID(int=chance.getrandbits(128))]),
            note=chance.choice(["", "Read it.", "twice"]),
            extra={"n": number},
            owner=chance.choice([None, *users]),
            stamp=datetime.datetime(2024, 1, 1 + number // 3, tzinfo=datetime.UTC),
        )
        book.tags.set(chance.sample(range(1, 9), chance.randint(0, 3)))
    models.Paper.objects.create(name="empty")
    models.Paper.objects.create(name="there", file="papers/there.txt", image="images/there.png")


def credentials():
    """What clients show: by user, tokens of each kind."""
    auth = importlib.import_module("django.contrib.auth")
    tokens = importlib.import_module("rest_framework.authtoken.models")
    jwt = importlib.import_module("rest_framework_simplejwt.tokens")
    sessions = importlib.import_module("django.contrib.sessions.backends.db")
    found = {}
    for user in auth.get_user_model().objects.all():
        token = tokens.Token.objects.create(user=user, key=f"{user.pk:040d}")
        session = sessions.SessionStore()
        session[auth.SESSION_KEY] = str(user.pk)
        session[auth.BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[auth.HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        refresh = jwt.RefreshToken.for_user(user)
        refresh.set_exp(lifetime=datetime.timedelta(days=365))
        found[user.username] = {
            "token": token.key,
            "session": session.session_key,
            "refresh": str(refresh),
            "access": str(refresh.access_token),
            "password": user.username + "-pass",
        }
    return found


if __name__ == "__main__":
    del sys.path[0]
    sys.path.insert(0, os.getcwd())
    main(int(sys.argv[1]))
