import Foundation
import Glibc
import Support

/// A folder of driver packages. Symbolic links in it are passed over: a package has none, and one could lead anywhere.
struct DriverFolder {
  let path: String

  func members() throws(AscendError) -> [DriverSource.Member] {
    var members: [DriverSource.Member] = []
    var folders = [""]
    while let folder = folders.popLast() {
      let names: [String]
      do {
        names = try FileManager.default.contentsOfDirectory(atPath: path + "/" + folder)
      } catch {
        throw DriverSource.unreadable(path + "/" + folder, (error as NSError).localizedDescription)
      }
      for name in names.sorted() {
        let relative = folder.isEmpty ? name : "\(folder)/\(name)"
        var info = stat()
        guard lstat(path + "/" + relative, &info) == 0 else { continue }
        switch info.st_mode & S_IFMT {
        case S_IFDIR where relative.split(separator: "/").count < 16: folders.append(relative)
        case S_IFREG: members.append(DriverSource.Member(path: relative, bytes: Int64(info.st_size)))
        default: break
        }
        guard members.count + folders.count <= DriverSource.maxMembers else {
          throw DriverSource.tooLarge(path, "more than \(DriverSource.maxMembers) files")
        }
      }
    }
    return members
  }

  func contents(of paths: Set<String>, limit: Int64) throws(AscendError) -> [String: [UInt8]] {
    var contents: [String: [UInt8]] = [:]
    for relative in paths.sorted() {
      if let bytes = try read(relative, limit: limit) { contents[relative] = bytes }
    }
    return contents
  }

  private func read(_ relative: String, limit: Int64) throws(AscendError) -> [UInt8]? {
    let file = path + "/" + relative
    let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw DriverSource.unreadable(file, String(errno: errno))
    }
    defer { close(descriptor) }
    var info = stat()
    guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      throw DriverSource.unreadable(file, "It is no regular file")
    }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw DriverSource.unreadable(file, String(errno: errno))
      }
      if count == 0 { return bytes }
      guard Int64(bytes.count + count) <= limit else { throw DriverSource.tooLarge(path, relative) }
      bytes += buffer[..<count]
    }
  }
}
