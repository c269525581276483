import ConnectorProtocol
import Foundation
import Glibc
import Support

/// Where a disk's NBD socket lies: in the job's folder, or in a short private one where that would make the name longer
/// than the system allows for a socket (107 bytes). The same for every attempt, since it is part of the request.
enum SocketPath {
  static func of(job: JobID, folder: String, disk: Int) throws(AscendError) -> String {
    let path = "\(folder)/d\(disk).sock"
    guard path.utf8.count > longest else { return path }
    return "\(try short(job: job))/d\(disk).sock"
  }

  /// The folder of the sockets at which a backup's disks are offered: the same for every attempt, since what is laid
  /// over the disks names them.
  static func source(job: JobID, folder: String) throws(AscendError) -> String {
    let path = "\(folder)/source"
    guard SourceOpen.socket(255, in: path).utf8.count > longest else { return path }
    return "\(try short(job: job))/source"
  }

  private static let longest = 107

  private static func short(job: JobID) throws(AscendError) -> String {
    let short = "\(NSTemporaryDirectory().hasPrefix("/tmp") ? "/tmp" : "/var/tmp")/ascend-\(getuid())-\(job.short)"
    try StateDirectory.makePrivate(short)
    var status = stat()
    guard lstat(short, &status) == 0, status.st_uid == getuid(), status.st_mode & 0o077 == 0 else {
      throw AscendError(
        "job.socketFolder", "The folder for the job's sockets belongs to somebody else", object: short,
        remedy: "Remove it, or use a --state folder with a shorter path")
    }
    return short
  }
}
