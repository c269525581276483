import Support

/// The archive that is appended to an initramfs: modules of the guest, the indices to find them by, and other files.
struct AddedArchive {
  private static let moduleLimit = 64 << 20
  /// What else modprobe and udev read, as the guest has it. The symbol index serves no name used at start.
  private static let guestFiles = [
    "modules.alias", "modules.alias.bin", "modules.softdep", "modules.order", "modules.devname", "modules.builtin",
    "modules.builtin.bin", "modules.builtin.alias.bin", "modules.builtin.modinfo",
  ]

  let kernel: String
  let contents: InitramfsContents
  /// The guest's.
  let index: ModuleIndex
  /// Reads a file of the guest's folder of modules; nil where there is none.
  let read: (_ path: String, _ limit: Int64) throws(AscendError) -> [UInt8]?

  /// - Parameters:
  ///   - modules: To be added; an index is only written where there are some.
  ///   - files: Paths in the initramfs and contents.
  ///   - missing: The error for a module that the guest's index names and the guest does not have.
  func write(
    _ modules: [ModuleName], _ files: [(path: String, bytes: [UInt8])], into output: OutputFile,
    missing: (ModuleName) -> AscendError
  ) throws(AscendError) {
    let writer = CPIOWriter(output)
    let folder = contents.modulesFolder(for: kernel)
    let present = InitramfsModules(contents, kernel: kernel)
    var added: [ModuleName: String] = [:]
    for module in modules {
      guard let file = index.files[module] else { continue }
      guard var bytes = try read(file, Int64(Self.moduleLimit)) else { throw missing(module) }
      let (path, kind) = present.place(of: file)
      if let kind { bytes = try Self.decompressed(bytes, kind, file) }
      try writer.add("\(folder)/\(path)", bytes)
      added[module] = path
    }
    if !added.isEmpty {
      let lines = present.index(adding: added, guest: index)
        .lines(prefix: index.hasWholePaths ? "/lib/modules/\(kernel)/" : "")
      try writer.add("\(folder)/modules.dep", Array(lines.map { $0.value + "\n" }.joined().utf8))
      try writer.add("\(folder)/modules.dep.bin", BinaryIndex.encode(lines))
      for name in Self.guestFiles {
        guard let bytes = try read(name, KernelSurvey.Limit.index) else { continue }
        try writer.add("\(folder)/\(name)", bytes)
      }
    }
    for (path, bytes) in files { try writer.add(path, bytes) }
    try writer.finish()
  }

  /// A signature at a module's end is in what it was compressed from, and stays.
  private static func decompressed(
    _ bytes: [UInt8], _ kind: SegmentKind, _ file: String
  ) throws(AscendError) -> [UInt8] {
    let result: Result<[UInt8], InitramfsError> = bytes.withUnsafeBytes { raw in
      Result { () throws(InitramfsError) in
        // libarchive passes on what is not compressed as it says.
        guard SegmentKind(raw, at: 0) == kind else { throw .damaged(offset: 0, "it is not \(kind.rawValue)") }
        let decompressor = try Decompressor(kind, raw, offset: 0)
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while true {
          let outcome: Result<Int, InitramfsError> = buffer.withUnsafeMutableBytes { room in
            Result { () throws(InitramfsError) in try decompressor.read(into: room) }
          }
          let count = try outcome.get()
          if count == 0 { return output }
          output += buffer[..<count]
          guard output.count <= moduleLimit else { throw .tooLarge("more than \(moduleLimit) bytes unpacked") }
        }
      }
    }
    switch result {
    case .success(let module): return module
    case .failure(let error):
      throw AscendError(
        "guest.moduleUnreadable", "A kernel module of the guest cannot be decompressed", object: file,
        cause: error.description,
        remedy: "Install its kernel anew on the source machine and back it up again, or restore without guest "
          + "preparation")
    }
  }
}
