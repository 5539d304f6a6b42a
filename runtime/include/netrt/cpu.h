/* cpu: what the CPU can do. Built for any x86-64, so it may be asked before generated code runs. */
#ifndef NETRT_CPU_H
#define NETRT_CPU_H

/* `features`: names as in gcc's __builtin_cpu_supports, separated by single spaces, such as "avx2 fma". Returns the first that this
 * CPU or its operating system lacks, or that is not known here; NULL if it has them all. The name lives as long as the program. */
const char *netrt_cpu_lacks(const char *features);

#endif
