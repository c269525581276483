import Glibc
public import Support

/// Room on the file system that a path is on, or will be on.
public enum DiskSpace {
  /// The bytes that this account can still write at `path`, which need not exist yet.
  ///
  /// - Throws: `disk.spaceUnknown`.
  public static func free(at path: String) throws(AscendError) -> Int64 {
    var place = path
    while true {
      var status = statvfs()
      if statvfs(place, &status) == 0 {
        let (bytes, overflow) = Int64(clamping: status.f_bavail).multipliedReportingOverflow(
          by: Int64(clamping: status.f_frsize))
        return overflow ? .max : bytes
      }
      guard errno == ENOENT, place != "/", let slash = place.lastIndex(of: "/") else {
        throw AscendError.system("disk.spaceUnknown", "The free space cannot be found out", object: path, errno: errno)
      }
      place = slash == place.startIndex ? "/" : String(place[..<slash])
    }
  }

  /// The error for a tool's last words: `disk.noSpace` where those say so, else `code`.
  static func error(_ reason: String, orElse code: AscendError.Code, _ message: String, at path: String) -> AscendError
  {
    guard reason.contains("No space left on device") || reason.contains("Disk quota exceeded") else {
      return AscendError(code, message, object: path, cause: reason)
    }
    let left = (try? free(at: path)).map { "\($0) bytes are free" } ?? reason
    return AscendError(
      "disk.noSpace", "There is no room left on the disk", object: path, cause: left,
      remedy: "Free some space, or put the state on a larger file system with --state")
  }
}
