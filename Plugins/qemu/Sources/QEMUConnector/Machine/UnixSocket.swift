import Foundation

/// A connection to a socket in a folder, whose path may be longer than the 107 bytes that an address holds.
enum UnixSocket {
  /// Connects by way of the folder's descriptor: `/proc/self/fd/N/NAME` is short whatever the folder's path is.
  static func connect(_ name: String, in folder: String) throws -> Descriptor {
    let place = try Descriptor.open(folder, O_RDONLY | O_DIRECTORY)
    let path = "/proc/self/fd/\(place.number)/\(name)"
    let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { throw SystemError("socket", name) }
    let descriptor = Descriptor(owning: number)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw SystemError("connect", path, number: ENAMETOOLONG)
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Foundation.connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else { throw SystemError("connect", "\(folder)/\(name)") }
    return descriptor
  }
}
