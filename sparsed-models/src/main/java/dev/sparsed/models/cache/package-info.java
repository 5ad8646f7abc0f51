/** What is kept of keys and values between the steps of a generation. */
@NullMarked
package dev.sparsed.models.cache;

import org.jspecify.annotations.NullMarked;
