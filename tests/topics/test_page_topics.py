import time
import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.topics.lexicon import PROOFS, WORD, lexicon, read_lexicon, words_of
from pipeline.topics.topics_of_page import MOST_CHARACTERS, PageTopics, topics_of

#: Texts of each topic, in English and in Chinese.
TEXTS = {
    "geometry": (
        r"The altitude of an isosceles triangle bisects its base, so $\angle ABD = 90^\circ$.",
        "在三角形ABC中，D是BC的中点，AD垂直BC，求证它是等腰三角形。",
        "Find the radius of the circle inscribed in a rhombus whose diagonals are 6 and 8.",
    ),
    "number_theory": (
        r"By Fermat's little theorem $a^{p-1} \equiv 1 \pmod p$ when $a$ is coprime to $p$.",
        "求最大公约数，并判断哪些整数是质数、哪些是合数。",
    ),
    "counting_probability": (
        "How many ways are there to choose a committee? Find the probability.",
        "袋中有红球和白球，随机摸出两个，求概率。排列组合的题目。",
    ),
    "statistics": (
        "The sample mean has a smaller variance; a confidence interval uses the standard error.",
        "样本的方差与标准差，以及频率分布直方图。",
    ),
    "calculus": (
        r"Integration by parts gives $\int x e^x\,dx$; the derivative of it is continuous.",
        "求函数的导数，讨论单调性与极值，再计算不定积分。",
    ),
    "linear_algebra": (
        "An eigenvector of the matrix spans a one-dimensional subspace; its eigenvalue is real.",
        "求矩阵的特征值与特征向量，并判断向量组线性无关。",
    ),
    "abstract_algebra": (
        "Every subgroup of an abelian group is normal, and the quotient group is abelian.",
        "群论：正规子群、商群与同态基本定理。",
    ),
    "logic": (
        "A truth table shows that the implication and its contrapositive are logically equivalent.",
        "命题的真值表，以及集合的并集、交集与补集。",
    ),
    "topology": (
        "A compact subset of a Hausdorff space is closed; every homeomorphism preserves it.",
        "拓扑空间的紧致性，流形与基本群。",
    ),
    "graphs": (
        "Every connected graph has a spanning tree; a bipartite graph has no odd cycle.",
        "用最短路算法处理有向图，再求最小生成树。",
    ),
    "algebra": (
        "Solve the quadratic equation by completing the square; the discriminant is positive.",
        "解一元二次方程：用配方法或因式分解，再看判别式。",
    ),
    "intermediate_algebra": (
        "By Vieta, the roots of the monic polynomial sum to 3; use AM-GM for the bound.",
        "已知等差数列的公差与前n项和，求通项公式。",
    ),
    "precalculus": (
        r"With the law of cosines and $\sin\theta$, find the dot product of the unit vectors.",
        "已知三角函数的最小正周期，利用正弦与余弦的二倍角公式化简。",
    ),
    "prealgebra": (
        "Write the mixed number as an improper fraction in lowest terms, then as a percent.",
        "把假分数化成带分数，先通分再约分。",
    ),
    "arithmetic": (
        "Tom bought 3 apples and 4 pencils. How many dollars did he spend altogether?",
        "小明买了3支铅笔，每支2元，还剩多少元？一共花了多少元钱？",
    ),
}


@pytest.mark.parametrize(
    ("topic", "text"), [(topic, text) for topic, texts in TEXTS.items() for text in texts]
)
def test_a_text_of_a_topic_is_told(topic, text):
    assert topic in topics_of(text).topics


def test_every_topic_is_tried_in_both_languages():
    assert set(TEXTS) == set(lexicon().names) - {PROOFS}
    for texts in TEXTS.values():
        assert {text.isascii() for text in texts} == {True, False}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The council met on Tuesday to discuss the new bridge, and all were thanked.",
        "今天天气很好，我们去公园散步，晚上一起吃饭。",
        "Preheat the oven, mix flour and butter, and bake the tart until it is golden.",
        "The team won the second half; the coach praised the keeper and the crowd.",
        "def main(): return subprocess.run(arguments, check=True)",
    ],
)
def test_what_is_no_mathematics_has_no_topic(text):
    assert topics_of(text) == PageTopics((), proofs=False)
    assert not topics_of(text)


def test_proofs_are_an_aspect_beside_the_topic():
    page = topics_of(
        "Theorem. The perpendicular bisectors of a triangle meet in its circumcenter. "
        "Proof. Suppose that two of them meet in O. Then the radii agree, hence O lies on "
        "the third. By contradiction they cannot be parallel. Q.E.D."
    )
    assert page.topics[0] == "geometry"
    assert page.proofs
    assert not topics_of("Find the area of a triangle whose base and altitude are 4.").proofs


def test_proofs_alone_are_no_topic():
    page = topics_of("引理的证明：用反证法，假设命题不成立，得到矛盾，证毕。")
    assert page == PageTopics((), proofs=True)
    assert page


def test_a_page_may_have_two_topics_the_foremost_first():
    page = topics_of(
        "Eigenvalues of a matrix and its eigenvectors span a subspace, a vector space. "
        "A group homomorphism maps each subgroup to a subgroup; an abelian group is isomorphic "
        "to a product of cyclic groups."
    )
    assert set(page.topics[:2]) == {"linear_algebra", "abstract_algebra"}


def test_a_word_repeated_is_no_topic():
    assert topics_of("triangle " * 500) == PageTopics((), proofs=False)


def test_long_pages_need_more_and_are_read_to_a_bound():
    mention = "A triangle has an altitude and a median. "
    assert "geometry" in topics_of(mention).topics
    assert not topics_of(mention + "The village lies on a quiet river. " * 200).topics
    assert not topics_of("x " * (MOST_CHARACTERS // 2) + mention * 50)


def test_case_and_plural_make_no_difference():
    text = "EIGENVALUES and eigenvectors of symmetric MATRICES"
    assert topics_of(text) == topics_of("eigenvalue and eigenvector of symmetric matrix")
    assert "linear_algebra" in topics_of(text).topics


@given(st.text(max_size=400))
def test_any_text_is_told_in_declared_topics(text):
    page = topics_of(text)
    assert set(page.topics) <= set(lexicon().names) - {PROOFS}
    assert len(set(page.topics)) == len(page.topics)


@pytest.mark.parametrize(
    "text",
    [
        "\\" * 3_000_000,
        "a" * 3_000_000,
        "∠" * 3_000_000,
        "三角" * 1_500_000,
        "\ud800\x00\u202e\\begin" * 100_000,
        "if and only " * 300_000,
    ],
)
def test_hostile_text_costs_no_more_than_other_text(text):
    started = time.process_time()
    topics_of(text)
    # Bounded reading, not a benchmark: a thousand times what a page takes.
    assert time.process_time() - started < 1


@given(st.text(alphabet="ab\\ßöøÿ×÷¬∀□ \n\x85\xa0é求?-1Ā"))
def test_words_are_those_of_the_pattern(text):
    assert words_of(text) == WORD.findall(text)


def test_the_lexicon_is_in_order():
    document = (files("pipeline.topics") / "lexicon.toml").read_bytes()
    entries = tomllib.loads(document.decode())
    assert list(entries)[-1] == PROOFS
    assert read_lexicon(document) == lexicon()
    for name, entry in entries.items():
        assert set(entry) == {"title", "about", "latin", "han"}, name
        assert set(entry["latin"]) <= set("1234"), name
        assert len(entry["latin"]["4"]) + len(entry["han"].get("4", [])) >= 4, name
        for terms in entry["han"].values():
            assert all(not term.isascii() for term in terms), name


@pytest.mark.parametrize(
    ("latin", "complaint"),
    [
        ('4 = ["Triangle"]', "Triangle"),
        ('4 = ["pi_1"]', "pi_1"),
        ('4 = ["???"]', "no page is read to hold"),
        ('4 = ["cone"]\n1 = ["cone"]', "twice"),
    ],
)
def test_a_lexicon_that_no_page_can_match_is_refused(latin, complaint):
    document = f'[a]\ntitle = "a"\nabout = "a"\n[a.latin]\n{latin}\n[a.han]\n'
    with pytest.raises(ValueError, match=complaint.replace("?", r"\?")):
        read_lexicon(document.encode())
