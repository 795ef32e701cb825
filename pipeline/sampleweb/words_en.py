"""English words: those that every subject uses, and those of each subject.

Verbs inflect regularly (``bake``, ``baked``, ``baking``), nouns too. Many words
stand in several lists on purpose: a root is a vegetable's, a number's and a
computer's, so that no single word tells mathematics from the rest.
"""

from __future__ import annotations

#: Nouns that any page may use.
THINGS = (
    "account action activity address advice age agreement aim amount angle answer approach area "
    "argument arrangement aspect attempt attention average balance bar base basis beginning "
    "behaviour benefit board body book bottom boundary box branch bridge building business call "
    "capital card care case cause centre chain challenge chance change channel chapter choice "
    "circle class club code collection column comment committee community comparison concern "
    "condition connection content contrast control conversation copy corner cost country couple "
    "course cover crowd culture curve customer cycle danger data date day deal debate decade "
    "decision degree delay demand description design desk detail development device difference "
    "difficulty direction discovery discussion distance district division domain door doubt draft "
    "drive duty edge edition effect effort element end energy engine entry environment error "
    "estimate evening event evidence example exception exchange exercise expert explanation "
    "expression extension face factor failure family favour feature field figure file film finding "
    "flow focus form formula frame friend front function future game garden gate goal graph grid "
    "ground group growth guess guide habit half hall harvest head height history hole home hour "
    "house idea identity image impact inch index industry influence insight instance instruction "
    "interest interval invitation island issue item job journey judge kernel key kind knot label "
    "ladder land language layer leader leaf lesson letter level library light limit line link list "
    "loop loss machine manager map mark market master matrix matter mean measure meeting member "
    "memory message method middle mind minute mirror mistake mixture model moment month mood "
    "morning motion movement name neighbour network news night node norm note number object "
    "occasion offer office opening opinion option order origin outcome outline page pair panel "
    "paper parcel parent park part partner party passage path pattern pause payment peak people "
    "percentage period person phase photograph phrase picture piece place plan plane plant "
    "plate platform player point pole policy pool position post power practice presence pressure "
    "price prize problem process product profile profit programme progress project promise proof "
    "property proposal public purpose puzzle quality quantity quarter question queue radius range "
    "rank rate ratio reaction reader reason record reference reflection region relation release "
    "remainder remark report request research residue resource response rest result return review "
    "reward ring risk river road role roof room root round route row rule sale sample scale scene "
    "schedule scheme school science score screen season seat second section sector segment "
    "selection sense sentence sequence series service session set shade shape share sheet shelf "
    "shift shop side sight sign signal site size skill slope society solution sort sound source "
    "space speaker speed spiral spot square staff stage stand standard start state statement "
    "station step stock stone story strategy stream street strength structure student study style "
    "subject success sum summary supply support surface surprise system table talk target task "
    "team term test text theme theory thing thought ticket time title tone tool top topic total "
    "tour tower town track trade tradition traffic training transformation translation travel "
    "treatment tree trend trial trip triangle trouble truth turn type union unit update use "
    "value variable variety vector version vertex view village visit voice volume wall warning "
    "water wave week weight wheel width wind window winner winter witness word work world year "
    "zone"
).split()

#: Regular verbs that any page may use.
ACTS = (
    "accept achieve act add adjust admit adopt advance advise affect agree aim allow announce "
    "answer appear apply approach argue arrange arrive ask assign assume attach attract avoid "
    "balance believe belong borrow bound call cancel carry cause change charge check claim clean "
    "close collect combine compare complete compute conclude confirm connect consider consist "
    "contain continue contribute converge count cover create cross decide declare decline define "
    "deliver demand depend derive describe deserve design determine develop differ direct discover "
    "discuss divide double doubt earn edit enable encourage end enjoy ensure enter establish "
    "estimate evaluate examine exceed exchange expand expect explain explore express extend fail "
    "favour fill finish fix focus follow force form function gain gather generate handle happen "
    "help hope identify ignore imagine improve include increase indicate influence inform "
    "introduce invite involve join judge jump label land last launch learn lift limit link list "
    "listen locate look lower maintain manage map mark matter measure mention move multiply name "
    "note notice number observe obtain offer open operate order organise own pack pass pause "
    "perform pick place plan plant play point possess post practise predict prefer prepare present "
    "preserve prevent produce promise propose protect prove provide publish pull push raise range "
    "rank reach realise receive recognise recommend record recover reduce refer reflect refuse "
    "relate release remain remember remove repeat replace reply report represent request require "
    "resolve respond rest restore restrict return reveal review round satisfy save scale search "
    "select separate serve settle share shift sign simplify solve sort sound start state stay stop "
    "stretch study succeed suggest support suppose surprise surround switch talk target taste test "
    "touch trace track transform translate travel treat trust turn uncover unite update use value "
    "vanish vary verify visit vote wait walk want warn watch weigh welcome wish wonder work yield"
).split()

#: Adjectives that any page may use.
LIKE = (
    "able absolute abstract actual additional adjacent alternative ancient annual apparent "
    "appropriate available average aware basic beautiful bold bounded brief bright broad busy "
    "calm capable careful central certain cheap classic clean clear clever close closed cold "
    "common compact compatible competent complete complex concrete connected conscious consistent "
    "constant continuous convenient correct critical curious current daily dark decent deep "
    "definite delicate dense different difficult direct distinct double dry dynamic early easy "
    "elegant empty entire equal essential even evident exact excellent external extra extreme "
    "fair false familiar famous fast favourite final finite firm flat flexible foreign formal "
    "former free frequent fresh friendly full fundamental funny general gentle genuine global "
    "good gradual grand great handy happy hard heavy helpful hidden high hollow honest huge ideal "
    "identical immediate imaginary important independent infinite initial inner innocent integral "
    "internal irrational joint keen key large late lasting leading light likely linear local "
    "logical long loose loud low lucky main major mature maximal mean mild minimal minor mixed "
    "mobile modern modest mutual narrow natural neat necessary negative nervous new nice noble "
    "normal obvious odd official old open opposite optimal ordinary original outer parallel "
    "partial particular patient perfect periodic permanent personal plain planar pleasant polite "
    "poor popular positive possible powerful practical precise previous prime primary principal "
    "private prompt proper public pure quick quiet radical random rapid rare rational raw ready "
    "real recent regional regular relative relevant reliable remarkable remote rich right rigid "
    "robust rough round rural safe secure senior sensible separate serious sharp short silent "
    "similar simple singular sixth slight slow small smart smooth social soft solid special "
    "specific stable standard steady steep straight strange strict strong subtle successful "
    "sudden suitable symmetric tall temporary tender thick thin tidy tight tiny total tough "
    "traditional trivial true typical uniform unique universal unknown unusual upper urban useful "
    "usual valid valuable various vast visible warm weak welcome whole wide wild wise wooden "
    "young zero"
).split()

#: Adverbs that any page may use.
HOW = (
    "already almost always apparently basically briefly carefully certainly clearly closely "
    "completely constantly correctly directly easily entirely especially essentially eventually "
    "exactly extremely fairly finally formally frankly freely frequently fully generally gently "
    "gradually hardly honestly immediately indeed independently initially instead largely lately "
    "literally locally mainly merely mostly naturally nearly necessarily normally obviously "
    "occasionally often openly originally partly particularly perfectly perhaps plainly possibly "
    "precisely presumably previously primarily probably properly quickly quietly rapidly rarely "
    "really recently regularly relatively roughly separately seriously sharply similarly simply "
    "slightly slowly smoothly sometimes soon specifically steadily strictly strongly suddenly "
    "surely together totally typically uniformly unusually usually virtually warmly widely"
).split()

#: Nouns of mathematics, by subject.
MATH_NOUNS = {
    "calculus": (
        "derivative integral antiderivative limit function slope tangent series polynomial radius "
        "convergence interval substitution chain_rule remainder expansion critical_point "
        "extremum asymptote rate_of_change area volume_of_revolution parametrisation arc_length "
        "partial_derivative gradient power_series mean_value"
    ),
    "algebra": (
        "group ring field ideal module homomorphism kernel quotient subgroup coset generator "
        "relation automorphism extension polynomial root centre normaliser orbit stabiliser "
        "action representation character domain unit prime_ideal algebra isomorphism"
    ),
    "linear": (
        "matrix vector basis eigenvalue eigenvector determinant kernel rank span subspace trace "
        "transpose inverse projection inner_product norm orthogonal_complement linear_map "
        "dimension dual_space bilinear_form row_reduction column minor diagonal"
    ),
    "numbers": (
        "prime integer divisor congruence residue modulus quotient remainder factor sum_of_squares "
        "primitive_root reciprocity digit sequence partition totient multiple base square "
        "diophantine_equation continued_fraction convergent sieve"
    ),
    "analysis": (
        "sequence limit norm metric supremum infimum measure compactness open_set closed_set "
        "continuity convergence epsilon bound estimate inequality operator functional space "
        "completeness dense_subset integrable_function support distribution kernel"
    ),
    "chance": (
        "random_variable expectation variance distribution density event outcome sample mean "
        "martingale independence likelihood estimator moment median walk coin die urn process "
        "conditional_probability tail bound correlation"
    ),
    "counting": (
        "permutation combination subset graph vertex edge tree path cycle colouring partition "
        "bijection recurrence generating_function pigeonhole matching clique tournament grid "
        "lattice_path degree word arrangement"
    ),
    "topology": (
        "space open_cover compact_set neighbourhood homotopy manifold boundary path component "
        "continuous_map homeomorphism quotient fundamental_group covering knot surface sphere "
        "torus chain cohomology_class fibre bundle retract"
    ),
    "equations": (
        "differential_equation solution initial_condition boundary_value stability equilibrium "
        "flow phase_plane trajectory kernel transform separation operator wave heat potential "
        "characteristic system forcing_term eigenfunction energy"
    ),
    "geometry": (
        "triangle circle chord tangent angle bisector altitude median circumcircle incircle "
        "quadrilateral polygon line point intersection midpoint radius homothety inversion "
        "reflection area ratio locus similarity"
    ),
}
#: Put before a noun of mathematics or on its own.
MATH_LIKE = (
    "abelian absolute additive adjoint affine algebraic analytic antisymmetric arithmetic "
    "asymptotic bijective bilinear bounded canonical closed commutative compact complete concave "
    "conditional congruent connected continuous convergent convex countable cyclic definite dense "
    "diagonal differentiable discrete disjoint divisible elementary elliptic equivalent ergodic "
    "euclidean even exact exponential finite free geometric harmonic holomorphic homogeneous "
    "hyperbolic identical improper independent induced infinite injective integral invariant "
    "inverse invertible irreducible isotropic iterated linear local maximal measurable metric "
    "minimal monotone multiplicative negative nilpotent nonempty nonlinear nontrivial nonzero "
    "normal null odd open ordered orthogonal orthonormal parabolic partial periodic piecewise "
    "planar pointwise polynomial positive primitive projective proper quadratic rational real "
    "recursive reduced reflexive regular residual semisimple separable simple singular smooth "
    "solvable special spherical stable stationary stochastic strict surjective symmetric tangent "
    "topological torsion transitive transversal trivial uniform unimodular unitary upper weak"
).split()
_PREFIXES = "co multi pre quasi semi sub super pseudo bi hyper pro anti".split()
#: Compounds such as *quasinorm*: rare words that a subject has by the hundred.
MATH_RARE = tuple(
    prefix + noun
    for prefix in _PREFIXES
    for noun in (
        "group ring field module norm lattice space graph measure form cycle algebra sequence "
        "martingale manifold bundle complex functor sheaf operator"
    ).split()
)
