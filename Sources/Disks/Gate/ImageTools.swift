/// Whether images are handed to qemu's tools once they were looked at here.
///
/// Only the tests of hostile input switch them off: they try thousands of inputs, and what is to be shown of most is that
/// our own code refuses them. An image's virtual size is not known then.
enum ImageTools {
  @TaskLocal static var areUsed = true
}
