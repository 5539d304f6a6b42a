/* memory: large, page-aligned blocks, and how much the machine can still give. */
#ifndef NETRT_MEMORY_H
#define NETRT_MEMORY_H

#include "netrt/status.h"

#include <stddef.h>

enum { NETRT_PAGE = 4096, NETRT_SIZE_TEXT = 32 };

/* "17 bytes", "5.42 MiB": three digits in the unit that people read. Returns `text`. */
const char *netrt_size_print(size_t bytes, char text[NETRT_SIZE_TEXT]);

/* Maps `bytes` of zeros, aligned to at least NETRT_PAGE; huge pages are asked for where they help. `what` names the use in the
 * error. Returns NETRT_E_SYSTEM if the system refuses. 0 bytes give one page. Released by netrt_memory_unmap with the same size. */
enum netrt_status netrt_memory_map(void **block, size_t bytes, const char *what, struct netrt_error *error);
void netrt_memory_unmap(void *block, size_t bytes);

/* Bytes that can be taken without swapping: the least of what the kernel calls available, what the process's control group
 * leaves, and the limit on address space. SIZE_MAX if nothing can be found out. */
size_t netrt_memory_available(void);

#endif
