import Support

/// Writes a cpio archive of the "new ASCII" kind. Folders are added before what is in them.
final class CPIOWriter {
  private let file: OutputFile
  private var inode: UInt32 = 0
  private var folders: Set<String> = []

  init(_ file: OutputFile) { self.file = file }

  func add(_ path: String, _ data: [UInt8], mode: UInt32 = 0o644) throws(AscendError) {
    try addFolders(of: path)
    try write(path, data, mode: 0o100000 | mode)
  }

  /// Ends the archive.
  func finish() throws(AscendError) {
    try write("TRAILER!!!", [], mode: 0)
  }

  private func addFolders(of path: String) throws(AscendError) {
    var folder = ""
    for component in path.split(separator: "/").dropLast() {
      folder += folder.isEmpty ? String(component) : "/" + component
      if folders.insert(folder).inserted { try write(folder, [], mode: 0o040755) }
    }
  }

  private func write(_ path: String, _ data: [UInt8], mode: UInt32) throws(AscendError) {
    guard let size = UInt32(exactly: data.count) else {
      throw AscendError("guest.tooLarge", "A file is too large for an initramfs", object: path)
    }
    inode += 1
    let name = Array(path.utf8) + [0]
    // Inode, mode, owner, group, links, time, data size, four device numbers, name size, checksum.
    let numbers: [UInt32] = [inode, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, UInt32(name.count), 0]
    var header = Array("070701".utf8)
    for number in numbers {
      let digits = String(number, radix: 16)
      header += Array(String(repeating: "0", count: 8 - digits.count).utf8) + Array(digits.utf8)
    }
    header += name
    header += Self.padding(header.count)
    try file.write(header)
    try file.write(data)
    try file.write(Self.padding(data.count))
  }

  private static func padding(_ size: Int) -> [UInt8] { [UInt8](repeating: 0, count: (4 - size % 4) % 4) }
}
