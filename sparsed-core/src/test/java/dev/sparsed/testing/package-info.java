/** What the tests of all modules share. */
@NullMarked
package dev.sparsed.testing;

import org.jspecify.annotations.NullMarked;
