import CGuestfs
import Foundation
import Support

/// Puts drivers into the initramfs of one kernel of a Debian-family guest. The filesystems are mounted for writing.
struct InitramfsInjection {
  /// A copy of the resume device's name, made when the initramfs was; it would be waited for at every start.
  static let resumeFile = "conf/conf.d/resume"
  private static let moduleLimit: Int64 = 64 << 20
  /// Indices that modprobe and udev read, beside the modules. The symbol index serves no name used at start.
  private static let indexFiles = [
    "modules.dep", "modules.dep.bin", "modules.alias", "modules.alias.bin", "modules.softdep", "modules.order",
    "modules.devname", "modules.builtin", "modules.builtin.bin", "modules.builtin.alias.bin", "modules.builtin.modinfo",
  ]

  let guest: GuestfsHandle
  let kernel: InstalledKernel
  let drivers: [String]
  /// What `conf/conf.d/resume` in the initramfs must say, if the guest's configuration of it was changed.
  let resume: String?
  let progress: (String) -> Void

  /// - Returns: The evidence, read back from the guest's new file.
  func run() throws(AscendError) -> PreparationReport.Kernel {
    guard let named = kernel.initramfs else {
      throw AscendError(
        "guest.initramfsUnreadable", "A kernel of the guest has no initramfs to add drivers to", object: kernel.image,
        remedy: "Let the source machine make one (update-initramfs -c -k \(kernel.version)) and back it up again")
    }
    let path = try guest.realPath(named)
    let survey = KernelSurvey(guest: guest, drivers: drivers)
    let index = try survey.moduleIndex(kernel.version)
    let old = try guest.copyOut(path, limit: KernelSurvey.Limit.initramfs)
    defer { try? FileManager.default.removeItem(at: old) }
    let contents = try KernelSurvey.parse(old, named: path, wanting: [Self.resumeFile])
    let plan = InjectionPlan(drivers: drivers, index: index, present: contents.modules(for: kernel.version))
    guard plan.missing.isEmpty else { throw Self.missing(plan.missing, kernel) }

    var evidence = PreparationReport.Kernel(
      version: kernel.version, initramfs: path, added: plan.modules.map(\.text), addedBytes: 0, inInitramfs: [],
      builtIn: drivers.filter { index.builtIn.contains(ModuleName($0)) })
    var current = contents
    let staleResume = resume.flatMap { wanted in contents.files[Self.resumeFile].map { $0 != Array(wanted.utf8) } }
    if !plan.modules.isEmpty || staleResume == true {
      progress("adding \(plan.modules.count) modules to \(path)")
      let archive = try archive(plan, index, contents, resume: staleResume == true ? resume : nil)
      defer { try? FileManager.default.removeItem(at: archive) }
      let new = guest.privateDirectory.appendingPathComponent(UUID().uuidString)
      defer { try? FileManager.default.removeItem(at: new) }
      let size = try MappedFile(old).withBytes { bytes throws(AscendError) in
        try InitramfsBuilder.build(old: bytes, contents: contents, adding: archive, into: new)
      }
      evidence.addedBytes = size - (try guest.size(path))
      (evidence.original, current) = try install(new, size: size, at: path)
    }
    let present = current.modules(for: kernel.version)
    evidence.inInitramfs = drivers.filter { present.contains(ModuleName($0).text) }
    let absent = drivers.filter { !evidence.inInitramfs.contains($0) && !evidence.builtIn.contains($0) }
    guard absent.isEmpty else {
      throw AscendError(
        "guest.verificationFailed", "The initramfs lacks \(absent.joined(separator: ", ")) after they were added",
        object: path, remedy: "Restore without guest preparation, and report this as a defect")
    }
    return evidence
  }

  static func missing(_ names: [String], _ kernel: InstalledKernel) -> AscendError {
    AscendError(
      "guest.moduleMissing", "Kernel \(kernel.version) of the guest has no module \(names.joined(separator: ", "))",
      object: kernel.image,
      remedy: "Install a kernel that has it on the source machine (the generic one, not a cloud or virtual flavour), "
        + "remove kernel \(kernel.version) if it is not used, and back it up again")
  }

  private func archive(
    _ plan: InjectionPlan, _ index: ModuleIndex, _ contents: InitramfsContents, resume: String?
  ) throws(AscendError) -> URL {
    let url = guest.privateDirectory.appendingPathComponent(UUID().uuidString)
    let writer = CPIOWriter(try OutputFile(creating: url))
    let inside = contents.modulesFolder(for: kernel.version)
    for module in plan.modules {
      guard let file = index.files[module] else { continue }
      let bytes: [UInt8]
      do {
        bytes = try guest.read("\(kernel.modulesFolder)/\(file)", limit: Self.moduleLimit)
      } catch {
        // The index names it, the file is gone: to the user that is a missing module too.
        guard error.code == "guest.callFailed" else { throw error }
        throw Self.missing([module.text], kernel)
      }
      try writer.add("\(inside)/\(file)", bytes)
    }
    if !plan.modules.isEmpty {
      for name in Self.indexFiles where try guest.isFile("\(kernel.modulesFolder)/\(name)") {
        let bytes = try guest.read("\(kernel.modulesFolder)/\(name)", limit: KernelSurvey.Limit.index)
        try writer.add("\(inside)/\(name)", bytes)
      }
    }
    if let resume { try writer.add(Self.resumeFile, Array(resume.utf8)) }
    try writer.finish()
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
