#include "bench/parser/generic_walk.h"

namespace picket::bench {

#include "bench/parser/generic_walk_body.inc"

}  // namespace picket::bench
