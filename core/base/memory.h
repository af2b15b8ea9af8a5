// How the process deals with memory that it has freed.
#pragma once

namespace urna {

// For programs that work through a record: batches come and go in blocks of some megabytes, and
// handing them back to the system each time costs a tenth of all the time in page faults. What was
// freed is kept, up to half a gibibyte an arena. To be called before there are threads.
void KeepFreedMemory();

}  // namespace urna
