/** The published code's numbers, reproduced: every case of a golden folder's manifest is a test. */
@NullMarked
package dev.sparsed.models.parity;

import org.jspecify.annotations.NullMarked;
