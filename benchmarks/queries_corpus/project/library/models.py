"""A library: columns with NULLs, relations of every kind, a manager that hides rows."""
# ruff: noqa: RUF012  # Django declares its options so

from django.db import models


class Publisher(models.Model):
    """It has no order of its own."""

    name = models.CharField(max_length=40)
    city = models.CharField(max_length=40, null=True)


class Author(models.Model):
    """Writers and editors, some of whom answer to another."""

    name = models.CharField(max_length=40)
    email = models.EmailField(null=True)
    born = models.DateField(null=True)
    active = models.BooleanField(default=True)
    rating = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    boss = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="team")
    friends = models.ManyToManyField("self")

    class Meta:
        ordering = ["name", "id"]


class Profile(models.Model):
    """What some authors tell of themselves."""

    author = models.OneToOneField(Author, on_delete=models.CASCADE, related_name="profile")
    motto = models.CharField(max_length=60, null=True)
    followers = models.IntegerField(default=0)


class Tag(models.Model):
    """A word for books."""

    name = models.CharField(max_length=20, unique=True)
    weight = models.IntegerField(null=True)

    class Meta:
        ordering = ["name"]


class Book(models.Model):
    """A book has columns of many types."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        OUT = "out", "Out"
        GONE = "gone", "Gone"

    title = models.CharField(max_length=60)
    subtitle = models.CharField(max_length=60, null=True)
    pages = models.IntegerField(null=True)
    stock = models.IntegerField(default=0)
    price = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    weight = models.FloatField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    fresh = models.BooleanField(null=True)
    published = models.DateField(null=True)
    printed_at = models.DateTimeField(null=True)
    created = models.DateTimeField()
    updated = models.DateTimeField(auto_now=True)
    data = models.JSONField(null=True)
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
    editor = models.ForeignKey(Author, null=True, on_delete=models.SET_NULL, related_name="edited")
    publisher = models.ForeignKey(Publisher, null=True, on_delete=models.SET_NULL)
    sequel = models.ForeignKey("self", null=True, on_delete=models.SET_NULL)
    tags = models.ManyToManyField(Tag, related_name="books")

    class Meta:
        ordering = ["-published", "title", "id"]


class Review(models.Model):
    """What somebody thinks of a book."""

    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(Author, null=True, on_delete=models.SET_NULL)
    stars = models.IntegerField()
    text = models.TextField(null=True)
    written = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-stars", "id"]


class Club(models.Model):
    """Authors meet here; membership has a column of its own."""

    name = models.CharField(max_length=30)
    members = models.ManyToManyField(Author, through="Membership", related_name="clubs")


class Membership(models.Model):
    """Who belongs to a club."""

    club = models.ForeignKey(Club, on_delete=models.CASCADE)
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
    level = models.IntegerField(default=1)


class LiveManager(models.Manager):
    """Shows the notes that were not hidden."""

    def get_queryset(self):
        return super().get_queryset().filter(hidden=False)


class Note(models.Model):
    """A note about a book, some of them hidden."""

    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="notes")
    text = models.CharField(max_length=40)
    hidden = models.BooleanField(default=False)

    objects = LiveManager()
    everything = models.Manager()

    class Meta:
        ordering = ["id"]


class Shelf(models.Model):
    """A place; two columns name it together."""

    room = models.CharField(max_length=20)
    number = models.IntegerField()
    label = models.CharField(max_length=20, null=True)
    books = models.IntegerField(default=0)

    class Meta:
        unique_together = [("room", "number")]
        ordering = ["room", "number"]
