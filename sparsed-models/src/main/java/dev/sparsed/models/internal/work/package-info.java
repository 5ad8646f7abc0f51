/**
 * Where the time of a generation goes. {@link dev.sparsed.models.internal.work.WorkClock} counts it
 * by {@link dev.sparsed.models.internal.work.Work} for a thread that asks for it; on every other
 * thread the places that are counted cost one look at a thread's variable.
 */
@NullMarked
package dev.sparsed.models.internal.work;

import org.jspecify.annotations.NullMarked;
