/**
 * What attention costs on the machine at hand, measured once and kept. A {@link
 * dev.sparsed.attention.internal.calibration.Calibrator} times a few calls of a backend over a
 * {@link dev.sparsed.attention.internal.calibration.CalibrationWork}, within a bounded time; a
 * {@link dev.sparsed.attention.internal.calibration.MeasuredCost} puts those times in the place of
 * the rates that the backend's own cost model assumes; a {@link
 * dev.sparsed.attention.internal.calibration.CalibrationFolder} keeps them on disk under a {@link
 * dev.sparsed.attention.internal.calibration.CalibrationKey} of everything that they depend on. Not
 * for others: it may change with every version.
 */
@NullMarked
package dev.sparsed.attention.internal.calibration;

import org.jspecify.annotations.NullMarked;
