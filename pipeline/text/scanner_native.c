/* Words and tokens in a text, as the expressions of pipeline/text/word_scanner.py,
   pipeline/text/tokens.py and pipeline/classify/features.py find them, in a fraction of the time.
   scanner_native.pyi says what the functions take and give. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <string.h>

/* Kinds of characters, as pipeline/text/characters.py has them. */
enum {
    SIGN,
    SPACE,
    UNDERSCORE,
    LETTER,
    DIGIT,
    UNSPACED_LETTER,
    UNSPACED_DIGIT,
    UNSPACED_MARK,
    FAILED = 255,
};

/* Codes that the table of kinds has; of others a function of Python's tells. */
#define TABLE 0x10000
/* Characters of one token: Latin letters, other ones, digits, signs. */
#define MOST_LATIN 8
#define MOST_OTHERS 3
#define MOST_DIGITS 3
#define MOST_SIGNS 3

typedef struct {
    PyObject *text;
    int width;
    const void *data;
    Py_ssize_t end;
    const unsigned char *kinds;
    PyObject *kind_of;
} Scan;

static inline Py_UCS4
code_at(const Scan *scan, Py_ssize_t at)
{
    return PyUnicode_READ(scan->width, scan->data, at);
}

/* FAILED with an exception. */
static inline int
kind_at(const Scan *scan, Py_ssize_t at)
{
    Py_UCS4 code = code_at(scan, at);
    if (code < TABLE)
        return scan->kinds[code];
    PyObject *number = PyObject_CallFunction(scan->kind_of, "On", scan->text, at);
    if (!number)
        return FAILED;
    long kind = PyLong_AsLong(number);
    Py_DECREF(number);
    return PyErr_Occurred() ? FAILED : (int)kind;
}

static inline int
is_latin(Py_UCS4 code)
{
    return (code | 0x20) - 'a' < 26;
}

static inline int
is_small(Py_UCS4 code)
{
    return code - 'a' < 26;
}

static inline int
is_digit(int kind)
{
    return kind == DIGIT || kind == UNSPACED_DIGIT;
}

static inline Py_ssize_t
digits_end(const Scan *scan, Py_ssize_t at, Py_ssize_t end)
{
    while (at < end && is_digit(kind_at(scan, at)))
        at++;
    return at;
}

static inline Py_ssize_t
letters_end(const Scan *scan, Py_ssize_t at, Py_ssize_t end)
{
    while (at < end && (is_small(code_at(scan, at)) || kind_at(scan, at) == LETTER))
        at++;
    return at;
}

/* Whether a word of ASCII stands there, or begins. */
static int
begins(const Scan *scan, Py_ssize_t at, const char *word)
{
    for (; *word; word++, at++)
        if (at >= scan->end || code_at(scan, at) != (Py_UCS4)*word)
            return 0;
    return 1;
}

/* --- Words --------------------------------------------------------------------------------- */

static const char *const FUNCTIONS[] = {"arc", "sin", "cos", "tan", "cot", "log", "ln", "sqrt",
                                        "pi"};

static int
begins_function(const Scan *scan, Py_ssize_t at)
{
    for (size_t i = 0; i < sizeof FUNCTIONS / sizeof *FUNCTIONS; i++)
        if (begins(scan, at, FUNCTIONS[i]))
            return 1;
    return 0;
}

static int
two_letters(const Scan *scan, Py_ssize_t at)
{
    return at + 1 < scan->end && kind_at(scan, at) == LETTER && kind_at(scan, at + 1) == LETTER;
}

/* Whether a word begins at an ASCII sign; -1 with an exception. */
static int
is_word(const Scan *scan, Py_ssize_t at, PyObject *match)
{
    Py_UCS4 code = code_at(scan, at);
    Py_UCS4 after = at + 1 < scan->end ? code_at(scan, at + 1) : 0;
    switch (code) {
    case '\\':
        return is_small(after);
    case '=':
    case '+':
        return after != code;
    case '<':
    case '>':
        return after != '<' && after != '>';
    case '-': { /* most hyphens stand between words */
        Py_ssize_t next = after == ' ' ? at + 2 : at + 1;
        if (two_letters(scan, next) && !begins_function(scan, next))
            return 0;
        break;
    }
    case '\'': /* most are apostrophes */
        if (at > 1 && two_letters(scan, at - 2))
            return 0;
        break;
    case '!':
    case '^':
        break;
    default:
        return 0;
    }
    PyObject *found = PyErr_Occurred() ? NULL : PyObject_CallFunction(match, "On", scan->text, at);
    if (!found)
        return -1;
    Py_DECREF(found);
    return found != Py_None;
}

/* The word that is put into the list, and given away. -1 with an exception. */
static int
add(PyObject *words, PyObject *word)
{
    int failed = word ? PyList_Append(words, word) : -1;
    Py_XDECREF(word);
    return failed;
}

/* A command by its name, where it is not silent. */
static int
add_command(PyObject *words, const Scan *scan, Py_ssize_t begin, Py_ssize_t end, PyObject *names)
{
    PyObject *command = PyUnicode_Substring(scan->text, begin, end);
    if (!command)
        return -1;
    PyObject *name = PyDict_GetItemWithError(names, command);
    Py_DECREF(command);
    if (!name)
        return PyErr_Occurred() ? -1
                                : add(words, PyUnicode_Substring(scan->text, begin + 1, end));
    return PyUnicode_GET_LENGTH(name) ? PyList_Append(words, name) : 0;
}

static int
scan_words(PyObject *words, const Scan *scan, PyObject *names, PyObject *match)
{
    Py_ssize_t at = 0;
    while (at < scan->end) {
        Py_UCS4 code = code_at(scan, at);
        if (code == ' ') {
            at++;
            continue;
        }
        Py_ssize_t begin = at;
        int kind = is_small(code) ? LETTER : kind_at(scan, at);
        at++;
        if (kind == FAILED)
            return -1;
        if (kind == LETTER) {
            at = letters_end(scan, at, scan->end);
        } else if (is_digit(kind)) {
            at = digits_end(scan, at, scan->end);
            if (at + 1 < scan->end && code_at(scan, at) == '.') {
                Py_ssize_t after = digits_end(scan, at + 1, scan->end);
                at = after > at + 1 ? after : at;
            }
        } else if (kind == SIGN) {
            int is = code > '~' ? 0 : is_word(scan, begin, match);
            if (is < 0)
                return -1;
            if (!is)
                continue;
            if (code == '\\') {
                while (at < scan->end && is_small(code_at(scan, at)))
                    at++;
                if (add_command(words, scan, begin, at, names) < 0)
                    return -1;
                continue;
            }
        } else if (kind < UNSPACED_LETTER) {
            continue;
        }
        if (PyErr_Occurred() || add(words, PyUnicode_Substring(scan->text, begin, at)) < 0)
            return -1;
    }
    return PyErr_Occurred() ? -1 : 0;
}

/* --- Tokens -------------------------------------------------------------------------------- */

/* The end of the letters of one token, Latin or of another alphabet. */
static Py_ssize_t
token_end(const Scan *scan, Py_ssize_t at)
{
    int latin = is_latin(code_at(scan, at));
    Py_ssize_t last = at + (latin ? MOST_LATIN : MOST_OTHERS);
    last = last < scan->end ? last : scan->end;
    while (at < last && is_latin(code_at(scan, at)) == latin
           && (latin || kind_at(scan, at) == LETTER))
        at++;
    return at;
}

static Py_ssize_t
signs_end(const Scan *scan, Py_ssize_t at)
{
    Py_ssize_t last = at + MOST_SIGNS < scan->end ? at + MOST_SIGNS : scan->end;
    while (at < last) {
        int kind = kind_at(scan, at);
        if (kind != SIGN && kind != UNSPACED_MARK)
            break;
        at++;
    }
    return at;
}

/* -1 with an exception. */
static Py_ssize_t
scan_tokens(const Scan *scan)
{
    Py_ssize_t count = 0, at = 0;
    while (at < scan->end) {
        int spaced = code_at(scan, at) == ' ';
        if (spaced && ++at == scan->end)
            break;
        Py_UCS4 code = code_at(scan, at);
        int kind = is_small(code) ? LETTER : kind_at(scan, at);
        if (kind == FAILED)
            return -1;
        if (kind == LETTER) {
            at = token_end(scan, at);
        } else if (kind == SIGN || (spaced && kind == UNSPACED_MARK)) {
            int command = code == '\\' && at + 1 < scan->end && is_latin(code_at(scan, at + 1));
            at = command ? token_end(scan, at + 1) : signs_end(scan, at);
        } else if (spaced) { /* the space is no token, and what follows it is looked at again */
            continue;
        } else if (kind == DIGIT) {
            Py_ssize_t last = at + MOST_DIGITS < scan->end ? at + MOST_DIGITS : scan->end;
            at = digits_end(scan, at, last);
        } else if (kind == UNDERSCORE) {
            while (at < scan->end && code_at(scan, at) == '_')
                at++;
        } else {
            at++;
            if (kind == SPACE) {
                if (code != '\n')
                    continue;
                while (at < scan->end && kind_at(scan, at) == SPACE)
                    at++;
            }
        }
        count++;
    }
    return PyErr_Occurred() ? -1 : count;
}

/* --- Features ------------------------------------------------------------------------------ */

/* Characters of a word of letters. */
#define LONGEST 40
/* Letters from here on, in words of several, have no other name, and are no digits either. */
#define LATIN 0xC0
#define BEYOND_CYRILLIC 0x590
/* Digits of a number that are told; one with a point or a comma is told as no more than that. */
#define MOST_TOLD "######"
#define WITH_POINT "#.#"
/* After a backslash, with which they are a delimiter or a space. */
#define DELIMITING "()[],;:!> \\"

/* The end of a number, points and commas within it included. */
static Py_ssize_t
number_end(const Scan *scan, Py_ssize_t at)
{
    at = digits_end(scan, at, scan->end);
    while (at < scan->end && (code_at(scan, at) == ',' || code_at(scan, at) == '.')) {
        Py_ssize_t after = digits_end(scan, at + 1, scan->end);
        if (after == at + 1)
            break;
        at = after;
    }
    return at;
}

/* Where the delimiter ends that begins at a backslash, there where none does. -1 with an
   exception. */
static Py_ssize_t
delimiter_end(const Scan *scan, Py_ssize_t at, PyObject *environment_end)
{
    Py_UCS4 after = at + 1 < scan->end ? code_at(scan, at + 1) : 0;
    if (after && after < 0x80 && strchr(DELIMITING, (int)after))
        return at + 2;
    if (!begins(scan, at + 1, "begin{") && !begins(scan, at + 1, "end{"))
        return at;
    PyObject *number = PyObject_CallFunction(environment_end, "On", scan->text, at);
    if (!number)
        return -1;
    Py_ssize_t end = PyLong_AsSsize_t(number);
    Py_DECREF(number);
    return end;
}

/* What stands between two places goes into the list, if anything does. */
static int
add_piece(PyObject *pieces, const Scan *scan, Py_ssize_t first, Py_ssize_t last)
{
    return last > first ? add(pieces, PyUnicode_Substring(scan->text, first, last)) : 0;
}

/* What is read of a number. */
static PyObject *
size_of(const Scan *scan, Py_ssize_t begin, Py_ssize_t end)
{
    for (Py_ssize_t at = begin; at < end; at++)
        if (!Py_UNICODE_ISDIGIT(code_at(scan, at)))
            return PyUnicode_FromString(WITH_POINT);
    Py_ssize_t most = (Py_ssize_t)strlen(MOST_TOLD);
    return PyUnicode_FromStringAndSize(MOST_TOLD, end - begin < most ? end - begin : most);
}

/* What is read of a word that is no word as it is; Py_None for a sign without a name. */
static PyObject *
named(const Scan *scan, Py_ssize_t begin, Py_ssize_t end, int kind, PyObject *names)
{
    if (Py_UNICODE_ISDIGIT(code_at(scan, begin)))
        return size_of(scan, begin, end);
    PyObject *word = PyUnicode_Substring(scan->text, begin, end);
    if (!word)
        return NULL;
    PyObject *name = PyDict_GetItemWithError(names, word);
    if (!name && !PyErr_Occurred()) {
        int is_sign = kind == SIGN && end == begin + 1;
        name = is_sign ? Py_None : word;
    }
    Py_XINCREF(name);
    Py_DECREF(word);
    return name;
}

static int
scan_features(PyObject *pieces, const Scan *scan, Py_ssize_t most, const char *signs,
              PyObject *names, PyObject *environment_end)
{
    Py_ssize_t at = 0, words = 0;
    /* Words that stand in the text as they are to be read, and are in no piece yet. */
    Py_ssize_t first = 0, last = 0;
    while (at < scan->end && words < most) {
        Py_UCS4 code = code_at(scan, at);
        if (code == ' ') {
            at++;
            continue;
        }
        Py_ssize_t begin = at;
        int kind = is_small(code) ? LETTER : kind_at(scan, at);
        int as_it_is = 0;
        at++;
        if (kind == FAILED)
            return -1;
        if (kind == LETTER) {
            Py_ssize_t end = begin + LONGEST < scan->end ? begin + LONGEST : scan->end;
            at = letters_end(scan, at, end);
            as_it_is = code < 0x80 || (LATIN <= code && code < BEYOND_CYRILLIC && at > begin + 1);
        } else if (is_digit(kind)) {
            at = number_end(scan, at);
        } else if (code == '\\') {
            Py_ssize_t end = delimiter_end(scan, begin, environment_end);
            if (end < 0)
                return -1;
            if (end > begin) {
                at = end;
                continue;
            }
            while (at < scan->end && is_small(code_at(scan, at)))
                at++;
            if (at == begin + 1)
                continue;
        } else if (code < 0x80) {
            if (!strchr(signs, (int)code) || !code)
                continue;
            as_it_is = 1;
        } else if (kind == SPACE) {
            continue;
        }
        PyObject *name = NULL;
        if (!as_it_is) {
            if (PyErr_Occurred() || !(name = named(scan, begin, at, kind, names)))
                return -1;
            if (name == Py_None) {
                Py_DECREF(name);
                continue;
            }
        }
        words++;
        if (as_it_is && last > first && begin == last + 1 && code_at(scan, last) == ' ') {
            last = at;
            continue;
        }
        if (add_piece(pieces, scan, first, last) < 0) {
            Py_XDECREF(name);
            return -1;
        }
        first = as_it_is ? begin : last;
        last = as_it_is ? at : last;
        if (name && add(pieces, name) < 0)
            return -1;
    }
    return PyErr_Occurred() ? -1 : add_piece(pieces, scan, first, last);
}

/* --- Functions of Python's ----------------------------------------------------------------- */

static int
begin(Scan *scan, PyObject *text, const Py_buffer *kinds, PyObject *kind_of)
{
    if (kinds->len != TABLE) {
        PyErr_SetString(PyExc_ValueError, "not a kind for each character");
        return -1;
    }
    *scan = (Scan){text, PyUnicode_KIND(text), PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text),
                   kinds->buf, kind_of};
    return 0;
}

static PyObject *
find_words(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    Py_buffer kinds;
    PyObject *text, *kind_of, *names, *match;
    if (!PyArg_ParseTuple(arguments, "Uy*OO!O:find_words", &text, &kinds, &kind_of, &PyDict_Type,
                          &names, &match))
        return NULL;
    Scan scan;
    PyObject *words = PyList_New(0);
    if (words
        && (begin(&scan, text, &kinds, kind_of) < 0
            || scan_words(words, &scan, names, match) < 0))
        Py_CLEAR(words);
    PyBuffer_Release(&kinds);
    return words;
}

static PyObject *
count_tokens(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    Py_buffer kinds;
    PyObject *text, *kind_of;
    if (!PyArg_ParseTuple(arguments, "Uy*O:count_tokens", &text, &kinds, &kind_of))
        return NULL;
    Scan scan;
    Py_ssize_t count = begin(&scan, text, &kinds, kind_of) < 0 ? -1 : scan_tokens(&scan);
    PyBuffer_Release(&kinds);
    return count < 0 ? NULL : PyLong_FromSsize_t(count);
}

static PyObject *
find_features(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    Py_buffer kinds;
    PyObject *text, *kind_of, *names, *environment_end;
    Py_ssize_t most;
    const char *signs;
    if (!PyArg_ParseTuple(arguments, "Uy*OnsO!O:find_features", &text, &kinds, &kind_of, &most,
                          &signs, &PyDict_Type, &names, &environment_end))
        return NULL;
    Scan scan;
    PyObject *pieces = PyList_New(0);
    if (pieces
        && (begin(&scan, text, &kinds, kind_of) < 0
            || scan_features(pieces, &scan, most, signs, names, environment_end) < 0))
        Py_CLEAR(pieces);
    PyBuffer_Release(&kinds);
    return pieces;
}

static PyMethodDef functions[] = {
    {"find_features", find_features, METH_VARARGS, NULL},
    {"find_words", find_words, METH_VARARGS, NULL},
    {"count_tokens", count_tokens, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "scanner_native", NULL, 0, functions, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC
PyInit_scanner_native(void)
{
    return PyModuleDef_Init(&module);
}
