"""English pages that have nothing to do with mathematics: what most of the web is."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.sampleweb.dice import Dice
from pipeline.sampleweb.grammar import Telling
from pipeline.sampleweb.math_en import Block
from pipeline.sampleweb.names import BRANDS, FIRST_NAMES, PLACES, SURNAMES
from pipeline.sampleweb.words_en import ACTS, HOW, LIKE, THINGS

_COMMON: dict[str, Sequence[str]] = {
    "surname": SURNAMES,
    "first": FIRST_NAMES,
    "town": PLACES,
    "brand": BRANDS,
    "thing": THINGS,
    "act": ACTS,
    "like": LIKE,
    "how": HOW,
    "month": (
        "January February March April May June July August September October November December"
    ).split(),
    "day": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    # Sentences that any subject may use.
    "any": (
        "The {thing} was {how} {like}, and {first} {act|ed} it twice.",
        "Most {thing|s} {act} when the {thing} is {like}.",
        "It takes {2-20} minutes, though {first} {act|s} it in {2-9}.",
        "{first} {surname} from {town} {act|ed} the {like} {thing} in {month}.",
        "We {how} {act} a {like} {thing} before we {act} the {noun}.",
        "There is no {like} {thing} for {noun|s}, only {like} {thing|s}.",
        "If the {noun} is too {like}, {act} the {thing} instead.",
        "You can {act} {2-60} {noun|s} for {5-90} dollars or {act} the {thing} later.",
        "That {thing} proves nothing, but the {noun} {act|s} {how}.",
        "Since {1950-2019} the {thing} of {town} has been {how} {like}.",
        "{how|cap}, the {noun} and the {noun} {act} the same {thing}.",
        "The {like} {noun} is a function of {thing} and {thing}.",
        "Why the {noun}? Because its {thing} is {like}.",
        "My {noun} {act|ed} after {2-30} {thing|s}, which is {how} {like}.",
        "In the {like} {thing} there were {20-900} {noun|s}.",
    ),
}

#: Words of each kind of page: nouns, adjectives, verbs.
_GENRES: dict[str, tuple[str, str, str]] = {
    "news": (
        "minister council election court budget strike mayor parliament spokesman police reform "
        "protest border ceasefire senator governor tax ballot campaign refugee hospital flood "
        "union pension school inquiry lawsuit verdict treaty sanction deficit coalition vote "
        "reporter editor witness bridge airport rail storm wildfire drought vaccine housing rent",
        "political federal municipal controversial alleged urgent diplomatic unanimous bipartisan "
        "legal economic military provincial damaged injured criminal",
        "resign propose reject condemn investigate veto approve evacuate testify accuse ban",
    ),
    "recipe": (
        "onion garlic carrot root potato butter flour sugar dough oven saucepan pan spoon teaspoon "
        "cup broth stock chicken beef salmon noodle rice lentil bean tomato basil parsley thyme "
        "cinnamon ginger lemon cream cheese yoghurt egg crust filling glaze frosting batter simmer "
        "skillet whisk loaf sauce soup stew salad dressing marinade spice pepper salt vinegar",
        "crispy tender golden creamy spicy savoury sweet salty chopped minced roasted baked fluffy "
        "caramelised chilled buttery tangy",
        "chop dice simmer bake roast whisk knead season drain sprinkle garnish marinate boil fry",
    ),
    "travel": (
        "hotel hostel beach harbour ferry museum castle cathedral market trail summit glacier "
        "lake island village passport luggage suitcase airport terminal ticket itinerary guide "
        "tour viewpoint sunset temple bazaar vineyard cafe bistro bus station hike waterfall "
        "canyon reef campsite bay coast cliff palace garden festival souvenir map boat",
        "scenic cobbled breathtaking crowded secluded affordable coastal tropical alpine medieval "
        "charming touristy guided panoramic",
        "wander stroll sail hike climb board pack explore rent swim snorkel queue",
    ),
    "shop": (
        "sofa lamp chair kettle blender backpack jacket sneaker boot dress shirt mattress pillow "
        "curtain carpet headphone charger laptop tablet phone cable speaker camera lens tripod "
        "desk drawer shelf mug bottle knife set warranty refund delivery basket discount voucher "
        "size colour cotton leather steel oak review rating stock pack bundle edition battery "
        "filter",
        "waterproof wireless ergonomic foldable rechargeable stainless vegan handmade adjustable "
        "lightweight washable refurbished compact durable",
        "order ship deliver unbox assemble wash charge return exchange restock",
    ),
    "garden": (
        "soil compost seedling rose tulip hedge lawn mower pruning shear pot greenhouse mulch weed "
        "slug aphid tomato lettuce bean pea bulb root stem leaf branch tree shrub fern moss pond "
        "fence shed spade rake hose frost sunlight shade fertiliser bee hive robin hedgehog border "
        "bed perennial annual cutting graft",
        "sunny shady hardy evergreen climbing damp sandy acidic organic native invasive dormant",
        "plant prune water mulch weed sow dig repot trim harvest fertilise graft",
    ),
    "pets": (
        "dog puppy cat kitten rabbit hamster parrot aquarium fish tank leash collar vet vaccine "
        "kibble treat litter cage groomer coat paw tail flea tick breed shelter adoption trainer "
        "bark purr chew toy crate walk nail fur whisker lizard turtle pony saddle stable hoof",
        "playful anxious fluffy housetrained elderly stray vaccinated spayed purebred obedient",
        "bark chew feed groom adopt train scratch sneeze shed vaccinate",
    ),
    "company": (
        "client stakeholder synergy solution platform consulting logistics warehouse supplier "
        "contract leadership strategy vision mission value workshop portfolio partner "
        "certification compliance audit quality matrix team talent career benefit office "
        "headquarters subsidiary sustainability innovation roadmap milestone deliverable pipeline "
        "market segment brand integration domain infrastructure procurement fleet",
        "scalable agile tailored certified innovative sustainable global dedicated seamless robust "
        "strategic collaborative end-to-end turnkey",
        "deliver empower streamline leverage optimise outsource certify accelerate partner scale",
    ),
    "health": (
        "patient doctor nurse symptom headache fever allergy vitamin protein calorie diet muscle "
        "knee spine joint sleep stress therapy dose tablet inflammation immunity heart artery "
        "pressure sugar insulin clinic surgery recovery exercise yoga stretch posture skin rash "
        "pregnancy toddler dentist tooth gum hormone thyroid migraine asthma",
        "chronic acute mild severe dietary clinical preventive hereditary contagious sore healthy "
        "pregnant bacterial viral",
        "diagnose treat prescribe stretch breathe relieve recover inhale sleep monitor",
    ),
    "film": (
        "actor actress director episode season series finale script trailer sequel plot villain "
        "hero scene soundtrack album guitarist singer concert festival premiere studio camera "
        "costume award nominee critic audience comedy thriller drama documentary novel author "
        "chapter character streaming remake cast stunt dialogue lyric chorus band tour ticket "
        "vinyl",
        "gripping hilarious predictable acclaimed gritty animated romantic moody overlong iconic",
        "star direct premiere stream rehearse record perform sing act adapt nominate",
    ),
    "cars": (
        "engine gearbox clutch brake tyre wheel axle piston valve radiator sedan hatchback coupe "
        "motorcycle scooter van trailer diesel hybrid battery charger range torque horsepower "
        "dashboard seat bumper bonnet windscreen wiper mirror headlight suspension steering "
        "mileage dealer warranty insurance garage mechanic oil filter exhaust fuel lane highway",
        "turbocharged automatic manual rusty sporty roomy second-hand electric rear-wheel noisy",
        "accelerate brake steer overtake tow park refuel service skid stall",
    ),
    "history": (
        "empire dynasty king queen battle siege treaty fortress cavalry monastery manuscript "
        "archive archaeologist excavation tomb coin pottery merchant guild plague harvest colony "
        "revolution parliament charter throne heir crusade fleet cannon legion province emperor "
        "scribe temple ruin inscription chronicle peasant nobleman marriage alliance exile reign",
        "medieval bronze imperial feudal colonial ancient roman besieged legendary royal civil",
        "conquer reign besiege excavate inherit ally settle trade crown rebel",
    ),
    "craft": (
        "yarn needle knitting crochet stitch pattern sleeve quilt fabric seam thread bobbin "
        "sewing button ribbon glue paper card stamp ink brush canvas easel clay kiln glaze bead "
        "wire plank saw chisel drill screw hinge varnish sandpaper loom felt dye lace hem zipper "
        "template row round square ring loop cable rib gauge",
        "cosy handmade stretchy woollen embroidered glossy matte recycled chunky woven",
        "knit stitch sew glue paint carve sand cut fold weave dye trim",
    ),
}

_SENTENCES: dict[str, Sequence[str]] = {
    "sentence": (
        "The {adj} {noun} of {town} {verb|s} the {noun} on {day}.",
        "{first} {surname} said the {noun} was {adj} and the {noun} {like}.",
        "You {verb} the {noun} until the {noun} is {adj}.",
        "A {adj} {noun} needs {2-12} {noun|s} and a {like} {noun}.",
        "Many {noun|s} in {town} {verb} {how} in {month}.",
        "Do not {verb} the {noun} without {adj} {noun|s}.",
        "We {act} the {noun} with {like} {noun|s} and a {adj} {noun}.",
        "For {like} {noun|s}, {verb} the {adj} {noun} and {act} the {thing}.",
        "{brand} {act|s} {adj} {noun|s} for {20-900} dollars.",
        "The {noun} costs ${5-90} while the {adj} one is ${100-900}.",
        "According to {surname}, {noun|s} {verb} less when the {thing} is {like}.",
        "{day}'s {noun} {act|ed} more than {100-9000} {noun|s}.",
        "I {how} {act} my {noun} to {verb} the {adj} {noun}.",
        "What makes a {noun} {adj}? The {noun}, the {noun} and the {thing}.",
        "After the {noun} came the {adj} {noun}, {how} the {like} part of the {thing}.",
        "There are {2-9} {like} ways to {verb} {noun|s}.",
        "Readers from {town} {act} that the {noun} is {how} {adj}.",
        "{surname} and {surname} {act|ed} the {noun} in {1980-2023}.",
        "The {thing} of the {noun} is {like}, its {noun} {adj}.",
        "{any}",
        "{any}",
        "{any}",
    ),
    "title": (
        "{adj|cap} {noun|s} in {town}",
        "How to {verb} {adj|a} {noun}",
        "{2-15} {adj} {noun|s} you will {act}",
        "{surname}: the {noun} is {adj}",
        "{brand} {noun} {10-900}: {like} {thing}",
        "The {thing} of the {adj} {noun}",
        "{town}'s {noun} {act|s} {how}",
        "Why {noun|s} {verb}",
    ),
    "comment": (
        "Thanks {first}, I will {act} that {noun} {how}.",
        "My {noun} did not {verb} at all, the {thing} must be {like}.",
        "{like|cap} {thing}! We {act|ed} it in {town} last {month}.",
        "Does this {act} with {adj} {noun|s} too?",
        "I {act} with {surname}: the {noun} is not {adj}.",
        "{2-10} out of 10, would {verb} again.",
        "Please {act} the {thing}, the link is {like}.",
        "Same {noun} here, {how} {like} since {day}.",
    ),
}

GENRES = tuple(_GENRES)


def _rules(genre: str) -> dict[str, Sequence[str]]:
    nouns, adjectives, verbs = _GENRES[genre]
    own = {"noun": nouns.split(), "adj": adjectives.split(), "verb": verbs.split()}
    return _COMMON | _SENTENCES | own


RULES = {genre: _rules(genre) for genre in GENRES}


def telling(dice: Dice, genre: str) -> Telling:
    """A telling of an ordinary page of that genre."""
    telling = Telling(dice, RULES[genre])
    telling.narrow(noun=14, adj=5, verb=5, thing=30, act=24, like=20, how=12, surname=5, town=3)
    return telling


def article(telling: Telling, paragraphs: int) -> list[Block]:
    """Paragraphs under a few headings, now and then a list."""
    dice = telling.dice
    blocks: list[Block] = []
    for at in range(paragraphs):
        if at % 4 == 3:
            blocks.append(("h2", telling.say("title")))
        if dice.chance(0.12):
            blocks.extend(("li", telling.say("sentence")) for _ in range(dice.between(3, 7)))
        else:
            blocks.append(("p", telling.paragraph("sentence", 2, 6)))
    return blocks
