/**
 * Where a generation stands when a step begins: what schedules and selectors are told beyond the
 * step's number. A loop of one's own that only counts steps needs nothing of it.
 */
@NullMarked
package dev.sparsed.step;

import org.jspecify.annotations.NullMarked;
