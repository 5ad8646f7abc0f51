/** Laws of patterns, their files and their pictures. */
@NullMarked
package dev.sparsed.pattern;

import org.jspecify.annotations.NullMarked;
