/* Prints the last part of grammar/REFERENCE.md: what each operator of the table says of itself, with its example. */
#include "compiler/ops/op.h"

#include <stdio.h>

static void print_not_built(void)
{
    for (size_t i = 0; ops_not_built[i] != NULL; i++)
        printf("%s`%s`", i == 0 ? "\nNot built yet: " : ", ", ops_not_built[i]);
    if (ops_not_built[0] != NULL)
        puts(".");
}

int main(void)
{
    for (size_t i = 0; ops[i] != NULL; i++)
        printf("\n### %s\n\n%s\n```net\n%s```\n", ops[i]->name, ops[i]->doc, ops[i]->example);
    print_not_built();
    return 0;
}
