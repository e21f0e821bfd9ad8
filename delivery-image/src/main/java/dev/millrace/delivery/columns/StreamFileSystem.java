/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.columns;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/** What ORC needs of a file system to write one file, which is a stream. */
final class StreamFileSystem extends FileSystem {

    private final OutputStream out;

    StreamFileSystem(OutputStream out) {
        this.out = out;
        setConf(new Configuration(false));
    }

    @Override
    public FSDataOutputStream create(
            Path path,
            FsPermission permission,
            boolean overwrite,
            int bufferSize,
            short replication,
            long blockSize,
            Progressable progress)
            throws IOException {
        return new FSDataOutputStream(out, null);
    }

    @Override
    public URI getUri() {
        return URI.create("stream:///");
    }

    @Override
    public Path getWorkingDirectory() {
        return new Path("stream:///");
    }

    @Override
    public void setWorkingDirectory(Path path) {
        // There is one directory.
    }

    @Override
    public FSDataInputStream open(Path path, int bufferSize) {
        throw unsupported();
    }

    @Override
    public FSDataOutputStream append(Path path, int bufferSize, Progressable progress) {
        throw unsupported();
    }

    @Override
    public boolean rename(Path from, Path to) {
        throw unsupported();
    }

    @Override
    public boolean delete(Path path, boolean recursive) {
        throw unsupported();
    }

    @Override
    public FileStatus[] listStatus(Path path) {
        throw unsupported();
    }

    @Override
    public boolean mkdirs(Path path, FsPermission permission) {
        throw unsupported();
    }

    @Override
    public FileStatus getFileStatus(Path path) {
        throw unsupported();
    }

    private static UnsupportedOperationException unsupported() {
        return new UnsupportedOperationException("A stream is only written");
    }
}
