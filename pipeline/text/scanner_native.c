/* Words and tokens in a text, as the expressions of pipeline/text/word_scanner.py and
   pipeline/text/tokens.py find them, in a fraction of the time. scanner_native.pyi says what the
   functions take and give. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

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
letters_end(const Scan *scan, Py_ssize_t at)
{
    while (at < scan->end && (is_small(code_at(scan, at)) || kind_at(scan, at) == LETTER))
        at++;
    return at;
}

/* --- Words --------------------------------------------------------------------------------- */

static const char *const FUNCTIONS[] = {"arc", "sin", "cos", "tan", "cot", "log", "ln", "sqrt",
                                        "pi"};

static int
begins_function(const Scan *scan, Py_ssize_t at)
{
    for (size_t i = 0; i < sizeof FUNCTIONS / sizeof *FUNCTIONS; i++) {
        const char *name = FUNCTIONS[i];
        Py_ssize_t place = at;
        while (*name && place < scan->end && code_at(scan, place) == (Py_UCS4)*name) {
            name++;
            place++;
        }
        if (!*name)
            return 1;
    }
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
            at = letters_end(scan, at);
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

static PyMethodDef functions[] = {
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
