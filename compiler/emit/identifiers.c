/* identifiers: see identifiers.h.
 *
 * A layer may be called `register`, `NULL` or `memset`. Compilers of C know words, headers bring macros, and both know functions:
 * a name that might be one of them is not given. Macros are known by their looks, since no list of them is complete; functions are
 * those of C11's library. A name that is refused without need costs its kernel nothing but eight letters in front.
 */
#include "compiler/emit/identifiers.h"

#include "compiler/loop/loop.h"
#include "compiler/support/names.h"

#include <stddef.h>
#include <string.h>

/* Words of C11 and C23, what compilers define in small letters, and what the generated code itself speaks of. */
static const char *const words[] = {
    "alignas",       "alignof", "asm",           "auto",     "bits",     "bool",      "break",    "case",         "char",
    "complex",       "const",   "constexpr",     "continue", "default",  "do",        "double",   "else",         "enum",
    "errno",         "extern",  "false",         "float",    "for",      "goto",      "i386",     "if",           "imaginary",
    "inline",        "int",     "int32_t",       "int64_t",  "item",     "linux",     "long",     "main",         "noreturn",
    "nullptr",       "real",    "register",      "restrict", "return",   "short",     "signed",   "sizeof",       "static",
    "static_assert", "stderr",  "stdin",         "stdout",   "step",     "struct",    "switch",   "thread_local", "true",
    "typedef",       "typeof",  "typeof_unqual", "uint16_t", "uint32_t", "uint64_t",  "uint8_t",  "union",        "unix",
    "unsigned",      "vec",     "void",          "volatile", "while",    "word_high", "word_low",
};

/* What the generated code is made of begins so, or speaks so. */
static const char *const prefixes[] = {"_", "NETRT_", "bits_", "double_", "float_", "netrt_", "real_", "vec_"};

/* Functions of mathematics: with an f or an l behind, too. */
static const char *const mathematics[] = {
    "acos",      "acosh",     "asin",      "asinh",      "atan",        "atan2", "atanh",  "cabs",      "cacos",  "cacosh", "carg",
    "casin",     "casinh",    "catan",     "catanh",     "cbrt",        "ccos",  "ccosh",  "ceil",      "cexp",   "cimag",  "clog",
    "conj",      "copysign",  "cos",       "cosh",       "cpow",        "cproj", "creal",  "csin",      "csinh",  "csqrt",  "ctan",
    "ctanh",     "erf",       "erfc",      "exp",        "exp10",       "exp2",  "expm1",  "fabs",      "fdim",   "floor",  "fma",
    "fmax",      "fmin",      "fmod",      "frexp",      "gamma",       "hypot", "ilogb",  "j0",        "j1",     "jn",     "ldexp",
    "lgamma",    "llrint",    "llround",   "log",        "log10",       "log1p", "log2",   "logb",      "lrint",  "lround", "modf",
    "nan",       "nearbyint", "nextafter", "nexttoward", "pow",         "pow10", "powi",   "remainder", "remquo", "rint",   "round",
    "roundeven", "scalb",     "scalbln",   "scalbn",     "significand", "sin",   "sincos", "sinh",      "sqrt",   "tan",    "tanh",
    "tgamma",    "trunc",     "y0",        "y1",         "yn",
};

/* The rest of the library, and what POSIX and GNU put beside it under likely names; tables of the generated file. */
/* clang-format off: one word a line otherwise */
static const char *const functions[] = {
    "abort",
    "abs",
    "aligned_alloc",
    "alloca",
    "asctime",
    "at_quick_exit",
    "atexit",
    "atof",
    "atoi",
    "atol",
    "atoll",
    "bcmp",
    "bcopy",
    "bsearch",
    "bzero",
    "calloc",
    "clearerr",
    "clock",
    "ctime",
    "difftime",
    "div",
    "environ",
    "evaluate_phases",
    "exit",
    "fclose",
    "feof",
    "ferror",
    "fflush",
    "ffs",
    "fgetc",
    "fgets",
    "fopen",
    "fprintf",
    "fputc",
    "fputs",
    "fread",
    "free",
    "freopen",
    "fscanf",
    "fseek",
    "ftell",
    "fwrite",
    "getc",
    "getchar",
    "getenv",
    "gets",
    "gmtime",
    "index",
    "isalnum",
    "isalpha",
    "isblank",
    "iscntrl",
    "isdigit",
    "isgraph",
    "islower",
    "isprint",
    "ispunct",
    "isspace",
    "isupper",
    "isxdigit",
    "kernels",
    "labs",
    "ldiv",
    "llabs",
    "lldiv",
    "localtime",
    "longjmp",
    "malloc",
    "mblen",
    "mbstowcs",
    "mbtowc",
    "memchr",
    "memcmp",
    "memcpy",
    "memmove",
    "mempcpy",
    "memset",
    "mktime",
    "perror",
    "predict_phases",
    "printf",
    "programs",
    "putc",
    "putchar",
    "puts",
    "qsort",
    "quick_exit",
    "raise",
    "rand",
    "random",
    "realloc",
    "remove",
    "rename",
    "rewind",
    "rindex",
    "scanf",
    "select",
    "setbuf",
    "setjmp",
    "signal",
    "snprintf",
    "sprintf",
    "srand",
    "sscanf",
    "stpcpy",
    "strcat",
    "strchr",
    "strcmp",
    "strcoll",
    "strcpy",
    "strcspn",
    "strdup",
    "strerror",
    "strftime",
    "strlen",
    "strncat",
    "strncmp",
    "strncpy",
    "strndup",
    "strpbrk",
    "strrchr",
    "strspn",
    "strstr",
    "strtod",
    "strtof",
    "strtok",
    "strtol",
    "strtold",
    "strtoll",
    "strtoul",
    "strtoull",
    "strxfrm",
    "system",
    "time",
    "tmpfile",
    "tmpnam",
    "tolower",
    "toupper",
    "train_phases",
    "ungetc",
    "vfprintf",
    "vprintf",
    "vsnprintf",
    "vsprintf",
    "wcstombs",
    "wctomb",
};
/* clang-format on */

static bool is_listed(const char *const list[], size_t count, const char *name, size_t length)
{
    for (size_t i = 0; i < count; i++) {
        if (strncmp(list[i], name, length) == 0 && list[i][length] == '\0')
            return true;
    }
    return false;
}

#define LISTED(list, name, length) is_listed((list), sizeof(list) / sizeof *(list), (name), (length))

/* Capitals alone, but for C1 and BN12, and for a single letter. */
static bool looks_like_macro(const char *name)
{
    const size_t capitals = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"), digits = strspn(name + capitals, "0123456789");

    if (strpbrk(name, "abcdefghijklmnopqrstuvwxyz"))
        return false;
    return name[capitals + digits] != '\0' || (capitals > 1 && digits == 0);
}

bool identifier_is_word(const char *name)
{
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    }
    return LISTED(words, name, strlen(name)) || looks_like_macro(name);
}

bool identifier_is_global(const char *name)
{
    const size_t length = strlen(name);
    const bool narrow = length > 1 && (name[length - 1] == 'f' || name[length - 1] == 'l');
    const bool type = length > 2 && strcmp(name + length - 2, "_t") == 0;

    return type || identifier_is_word(name) || LISTED(functions, name, length) || LISTED(mathematics, name, length) ||
           (narrow && LISTED(mathematics, name, length - 1));
}

const char *const *identifiers_of_kernels(const struct loop_module *m)
{
    struct names *names = names_create(m->arena);
    const char **given = arena_array(m->arena, const char *, m->kernel.count + 1);

    for (size_t i = 0; i < m->kernel.count; i++) {
        if (!identifier_is_global(m->kernel.at[i]->name))
            given[i] = names_take(names, m->kernel.at[i]->name);
    }
    for (size_t i = 0; i < m->kernel.count; i++) {
        if (!given[i])
            given[i] = names_take(names, arena_printf(m->arena, "kernel_%s", m->kernel.at[i]->name));
    }
    return given;
}
