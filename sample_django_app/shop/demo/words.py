"""The vocabulary of the demo data."""

FIRST_NAMES = [
    "Ada", "Ben", "Chloé", "Dmitri", "Elif", "Femi", "Grace", "Hana", "Ivan", "Jörg",
    "Kofi", "Lena", "Mateo", "Nadia", "Oscar", "Priya", "Quinn", "Rosa", "Sven", "Tomás",
]  # fmt: skip
LAST_NAMES = [
    "Almeida", "Becker", "Chen", "Dupont", "Eriksen", "Fischer", "García", "Haddad", "Ito",
    "Jansen", "Kowalski", "Lindqvist", "Müller", "Novák", "Okafor", "Rossi", "Silva", "Wagner",
]  # fmt: skip
STREETS = ["Main Street", "Station Road", "Mill Lane", "Church Street", "Harbour View"]
CITIES = [("Berlin", "DE"), ("Lyon", "FR"), ("Porto", "PT"), ("Kraków", "PL"), ("Malmö", "SE")]

CATEGORIES = {
    "Kitchen": ["Pots and pans", "Knives", "Small appliances"],
    "Garden": ["Tools", "Seeds", "Furniture"],
    "Office": ["Paper", "Desks", "Lighting"],
    "Sports": ["Cycling", "Running", "Camping"],
    "Books": ["Cooking", "Travel", "Crafts"],
}
TAGS = [
    "new", "sale", "bestseller", "handmade", "organic", "recycled",
    "limited", "gift", "outdoor", "premium", "vegan", "classic",
]  # fmt: skip

ADJECTIVES = [
    "Sturdy", "Light", "Compact", "Folding", "Ceramic", "Wooden", "Copper", "Quiet", "Bright",
    "Soft", "Classic", "Modern", "Small", "Large", "Waterproof", "Café",
]  # fmt: skip
NOUNS = [
    "Kettle", "Lamp", "Chair", "Notebook", "Tent", "Pan", "Rake", "Bottle", "Backpack", "Knife",
    "Table", "Blanket", "Basket", "Clock", "Shelf", "Mug", "Bell", "Pump",
]  # fmt: skip
COLOURS = ["red", "green", "blue", "black", "white", "natural"]
MATERIALS = ["steel", "oak", "wool", "glass", "cotton"]

REVIEW_TITLES = {
    1: ["Broke after a week", "Not as described"],
    2: ["Disappointing", "Could be better"],
    3: ["It does its job", "Average"],
    4: ["Good value", "Nice, with small flaws"],
    5: ["Excellent", "I would buy it again"],
}
