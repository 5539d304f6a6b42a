/* Prints the last part of grammar/REFERENCE.md: what each operator of the table says of itself, with its example. */
#include "compiler/ops/op.h"

#include <stdio.h>

int main(void)
{
    for (size_t i = 0; ops[i] != NULL; i++)
        printf("\n### %s\n\n%s\n```net\n%s```\n", ops[i]->name, ops[i]->doc, ops[i]->example);
    return 0;
}
