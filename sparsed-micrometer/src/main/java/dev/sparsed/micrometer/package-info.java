/**
 * What answers cost, as Micrometer's meters, under the names of OpenTelemetry's conventions for
 * generative AI where one exists and under {@code sparsed.} otherwise.
 */
@NullMarked
package dev.sparsed.micrometer;

import org.jspecify.annotations.NullMarked;
