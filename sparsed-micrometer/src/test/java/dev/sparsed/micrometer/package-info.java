/** Tests of the meters. */
@NullMarked
package dev.sparsed.micrometer;

import org.jspecify.annotations.NullMarked;
