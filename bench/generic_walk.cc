#include "bench/generic_walk.h"

namespace picket::bench {

#include "bench/generic_walk_body.inc"

}  // namespace picket::bench
