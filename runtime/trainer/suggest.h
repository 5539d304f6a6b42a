/* suggest: the nearest spelling among known names. */
#ifndef NETRT_TRAINER_SUGGEST_H
#define NETRT_TRAINER_SUGGEST_H

/* The name in `known` (NULL ends it) that is closest to `word`, by Levenshtein's distance; NULL if none is near: at most a third of
 * the word's letters, rounded up, may differ. */
const char *suggest(const char *word, const char *const known[]);

#endif
