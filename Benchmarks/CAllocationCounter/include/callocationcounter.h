// Counts the allocations of the whole process, by standing in for the C library's allocator.
#ifndef CALLOCATIONCOUNTER_H
#define CALLOCATIONCOUNTER_H

#include <stdint.h>

/// Calls of malloc, calloc, realloc and their aligned kin since the process started.
uint64_t allocation_count(void);

#endif
