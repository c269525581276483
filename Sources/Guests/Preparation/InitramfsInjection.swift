import CGuestfs
import Foundation
import Support

/// Puts drivers into the initramfs of one kernel of a Linux guest. The filesystems are mounted for writing.
struct InitramfsInjection {
  let guest: GuestfsHandle
  let kernel: InstalledKernel
  let drivers: [String]
  let extras: InitramfsExtras
  /// What the guest makes its initramfs with, for what people are told.
  var tool: InitramfsTool?
  let progress: (String) -> Void

  /// - Returns: The evidence, read back from the guest's new file.
  func run() throws(AscendError) -> PreparationReport.Kernel {
    guard let named = kernel.initramfs else { return try withoutInitramfs() }
    let path = try guest.realPath(named)
    let survey = KernelSurvey(guest: guest, drivers: drivers)
    let index = try survey.moduleIndex(kernel.version)
    let old = try guest.copyOut(path, limit: KernelSurvey.Limit.initramfs)
    defer { try? FileManager.default.removeItem(at: old) }
    let contents = try KernelSurvey.parse(old, named: path, wanting: extras.wanted)
    let before = InitramfsModules(contents, kernel: kernel.version).loaded
    let plan = InjectionPlan(drivers: drivers, index: index, present: Set(before.map(\.text)))
    guard plan.missing.isEmpty else { throw Self.missing(plan.missing, kernel) }

    var evidence = PreparationReport.Kernel(
      version: kernel.version, initramfs: path, added: plan.modules.map(\.text), addedBytes: 0, inInitramfs: [],
      builtIn: drivers.filter { index.builtIn.contains(ModuleName($0)) })
    var current = contents
    let files = try extras.files(for: contents, kernel: kernel.version)
    if !plan.modules.isEmpty || !files.isEmpty {
      guard plan.modules.isEmpty || contents.findsHardware else { throw fixedList(path) }
      progress("adding \(plan.modules.count) modules to \(path)")
      let archive = try archive(plan, index, contents, files)
      defer { try? FileManager.default.removeItem(at: archive) }
      let new = guest.privateDirectory.appendingPathComponent(UUID().uuidString)
      defer { try? FileManager.default.removeItem(at: new) }
      let size = try MappedFile(old).withBytes { bytes throws(AscendError) in
        try InitramfsBuilder.build(old: bytes, contents: contents, adding: archive, into: new)
      }
      evidence.addedBytes = size - (try guest.size(path))
      (evidence.original, current) = try install(new, size: size, at: path)
    }
    let present = InitramfsModules(current, kernel: kernel.version)
    evidence.inInitramfs = drivers.filter { present.starts($0, index) }
    let absent = drivers.filter { !evidence.inInitramfs.contains($0) && !evidence.builtIn.contains($0) }
    // What was found before must be found still: the guest's own root may need it.
    let lost = before.subtracting(present.loaded).map(\.text).sorted()
    guard absent.isEmpty, lost.isEmpty else {
      throw AscendError(
        "guest.verificationFailed",
        "The initramfs does not load \((absent + lost).prefix(8).joined(separator: ", ")) after drivers were added",
        object: path, remedy: "Restore without guest preparation, and report this as a defect")
    }
    return evidence
  }

  /// A kernel that starts without an initramfs has all that it needs, or never gets it.
  private func withoutInitramfs() throws(AscendError) -> PreparationReport.Kernel {
    guard drivers.allSatisfy(kernel.builtIn.contains) else {
      let command = tool.map { " (\($0.command(kernel.version)))" } ?? ""
      throw AscendError(
        "guest.initramfsUnreadable", "A kernel of the guest has no initramfs to add drivers to", object: kernel.image,
        remedy: "Let the source machine make one\(command) and back it up again")
    }
    return PreparationReport.Kernel(
      version: kernel.version, initramfs: "", added: [], addedBytes: 0, inInitramfs: [], builtIn: drivers)
  }

  private func fixedList(_ path: String) -> AscendError {
    AscendError(
      "guest.initramfsFixed", "The initramfs of kernel \(kernel.version) loads a fixed list of drivers", object: path,
      cause: "It has no udev or nlplug-findfs that would load a driver for what it finds",
      remedy:
        "Let the source machine make one that has the drivers\(tool.map { " (\($0.rawValue))" } ?? "") and back it "
        + "up again, or restore without guest preparation")
  }

  static func missing(_ names: [String], _ kernel: InstalledKernel) -> AscendError {
    AscendError(
      "guest.moduleMissing", "Kernel \(kernel.version) of the guest has no module \(names.joined(separator: ", "))",
      object: kernel.image,
      remedy: "Install a kernel that has it on the source machine (the generic one, not a cloud or virtual flavour), "
        + "remove kernel \(kernel.version) if it is not used, and back it up again")
  }

  private func archive(
    _ plan: InjectionPlan, _ index: ModuleIndex, _ contents: InitramfsContents,
    _ files: [(path: String, bytes: [UInt8])]
  ) throws(AscendError) -> URL {
    let url = guest.privateDirectory.appendingPathComponent(UUID().uuidString)
    let archive = AddedArchive(kernel: kernel.version, contents: contents, index: index) {
      [guest, kernel] file, limit throws(AscendError) in
      let path = "\(kernel.modulesFolder)/\(file)"
      return try guest.isFile(path) ? try guest.read(path, limit: limit) : nil
    }
    // The index names it, the file is gone: to the user that is a missing module too.
    try archive.write(plan.modules, files, into: OutputFile(creating: url)) { Self.missing([$0.text], kernel) }
    return url
  }

  /// Writes the new file beside the old one, reads it back, and only then puts it in its place.
  private func install(_ new: URL, size: Int64, at path: String) throws(AscendError) -> (String?, InitramfsContents) {
    let kept = path + ".pre-restore"
    let temporary = path + ".ascend-new"
    let margin: Int64 = 4 << 20
    guard try guest.freeBytes(path) >= size + margin else {
      // No room for two: the old one is overwritten. The disk is an overlay, and a failure throws it away whole.
      let growth = size - (try guest.size(path))
      try FreeSpace.require(growth + margin, at: (path as NSString).deletingLastPathComponent, guest)
      try guest.upload(new, to: path, offset: 0)
      return (nil, try verified(path))
    }
    // A copy has the owner, mode and labels of the original; its content is then replaced.
    try guest.copyKeepingAttributes(path, to: temporary)
    try guest.truncate(temporary)
    try guest.upload(new, to: temporary, offset: 0)
    let contents = try verified(temporary)
    let keepsOriginal = try !guest.exists(kept)
    if keepsOriginal { try guest.rename(path, to: kept) }
    try guest.rename(temporary, to: path)
    try renewChecksum(path)
    return (keepsOriginal ? kept : nil, contents)
  }

  private func verified(_ path: String) throws(AscendError) -> InitramfsContents {
    try guest.run("writing to disk") { guestfs_sync($0) }
    return try KernelSurvey(guest: guest, drivers: drivers).contents(path)
  }

  /// Older initramfs-tools keep a checksum and refuse to update a file that differs from it.
  private func renewChecksum(_ path: String) throws(AscendError) {
    let record = "/var/lib/initramfs-tools/\(kernel.version)"
    guard let text = try guest.readText(record), text.prefix(40).allSatisfy(\.isHexDigit), text.count > 40 else {
      return
    }
    let sum = try guest.text("computing a checksum", path) { guestfs_checksum($0, "sha1", path) }
    try guest.write(record, sum + text.dropFirst(40))
  }
}
