// The ruleset compiler of nftables, as a library.
#ifndef CNETFILTER_H
#define CNETFILTER_H
#include <nftables/libnftables.h>
#endif
