import ConnectorProtocol
import Foundation

/// Where a qemu-nbd of ours has its socket and pid file: always the same for a disk, so that a later process finds what
/// an earlier one left.
struct ImageServerPlace: Sendable {
  /// What the address of a socket holds, less the end of the text.
  static let longestSocket = 107

  let pidFile: String
  let socket: String
  /// A folder outside that of the machine, where the machine's own path is too long for a socket.
  private let outside: String?

  init(_ disk: MachinePlan.Disk, in folder: MachineFolder) {
    let base = "\(folder.transfers)/disk\(disk.index).nbd"
    pidFile = base + ".pid"
    if base.utf8.count + 5 <= Self.longestSocket {
      socket = base + ".sock"
      outside = nil
    } else {
      let place = "/tmp/ascend-nbd-" + SHA256.hex(Data(base.utf8)).prefix(24)
      socket = place + "/s"
      outside = place
    }
  }

  /// Makes the folder outside, and does not take one that another user has put there.
  func make() throws {
    clear()
    guard let outside else { return }
    guard mkdir(outside, 0o700) == 0 else { throw SystemError("mkdir", outside) }
  }

  /// Nothing of it may be left; what is another's stays, and `make` then says so.
  func clear() {
    unlink(pidFile)
    unlink(socket)
    if let outside { rmdir(outside) }
  }

  var uri: String {
    var allowed = CharacterSet.urlPathAllowed
    allowed.remove(charactersIn: "&+;=?#%")
    return "nbd+unix:///?socket=" + (socket.addingPercentEncoding(withAllowedCharacters: allowed) ?? socket)
  }
}
