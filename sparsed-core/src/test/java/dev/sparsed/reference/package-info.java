/** Tests of the plain-Java backend. */
@NullMarked
package dev.sparsed.reference;

import org.jspecify.annotations.NullMarked;
