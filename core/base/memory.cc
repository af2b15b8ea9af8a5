#include "core/base/memory.h"

#include <malloc.h>

namespace urna {

void KeepFreedMemory() {
  mallopt(M_MMAP_THRESHOLD, 256 << 20);
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
}

}  // namespace urna
