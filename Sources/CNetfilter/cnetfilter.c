#include "cnetfilter.h"
