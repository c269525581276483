import Support

/// What else an initramfs must say on other hardware, beside having the drivers.
struct InitramfsExtras {
  /// A copy of the resume device's name, made when the initramfs was; it would be waited for at every start.
  static let resumeFile = "conf/conf.d/resume"
  /// dracut's copies of kernel parameters.
  static let parameterFolder = "etc/cmdline.d/"
  static let volumeDevices = "etc/lvm/devices/system.devices"
  /// What takes the place of a hook that waits for a name of the old hardware: dracut waits until each says yes, and this
  /// does at once.
  static let emptyHook = Array("# A name of the old hardware is not waited for.\n".utf8)
  private static let volumeSettings = "etc/lvm/lvmlocal.conf"
  /// LVM's own settings, with the filter that the guest had when the initramfs was made.
  static let volumeFilter = "etc/lvm/lvm.conf"

  /// What initramfs-tools' resume file must say, if the guest's configuration of it was changed.
  var resume: String?
  /// Names of network interfaces, for an initramfs in which a network driver is loaded.
  var links: [String: [UInt8]] = [:]
  var networkDrivers: [String] = []
  /// Rewrites device names in kernel parameters.
  var rename: (String) throws(AscendError) -> String = { text throws(AscendError) in text }

  /// The files of an initramfs that decide what must change; a name with a slash at its end is a folder.
  var wanted: Set<String> {
    Set(links.keys).union([Self.resumeFile, Self.parameterFolder, Self.volumeSettings, Self.volumeFilter])
  }

  /// Files to add to an initramfs, in their order; later ones win over those that are in it.
  func files(for contents: InitramfsContents, kernel: String) throws(AscendError) -> [(path: String, bytes: [UInt8])] {
    var files: [(path: String, bytes: [UInt8])] = []
    if let resume, let old = contents.files[Self.resumeFile], old != Array(resume.utf8) {
      files.append((Self.resumeFile, Array(resume.utf8)))
    }
    let parameters = contents.files.filter { $0.key.hasPrefix(Self.parameterFolder) }.sorted { $0.key < $1.key }
    for (path, bytes) in parameters {
      guard let text = String(validating: bytes, as: UTF8.self) else { continue }
      let new = try rename(text)
      if new != text { files.append((path, Array(new.utf8))) }
    }
    for path in contents.deviceWaits.sorted() where Self.waitsForOldName(path) {
      files.append((path, Self.emptyHook))
    }
    let old = String(decoding: contents.files[Self.volumeSettings] ?? [], as: UTF8.self)
    var new = VolumeFilter.widened(old)
    if contents.listsVolumeDevices { new = VolumeDevices.settings(addingTo: new) }
    if new != old { files.append((Self.volumeSettings, Array(new.utf8))) }
    if let bytes = contents.files[Self.volumeFilter], let text = String(validating: bytes, as: UTF8.self) {
      let new = VolumeFilter.widened(text)
      if new != text { files.append((Self.volumeFilter, Array(new.utf8))) }
    }
    let present = contents.modules(for: kernel)
    if networkDrivers.contains(where: { present.contains(ModuleName($0).text) }) {
      for (path, bytes) in links.sorted(by: { $0.key < $1.key }) where contents.files[path] != bytes {
        files.append((path, bytes))
      }
    }
    return files
  }

  /// `…/devexists-\x2fdev\x2fsda2.sh`
  static func waitsForOldName(_ path: String) -> Bool {
    guard let name = path.split(separator: "/").last, let start = name.firstRange(of: "devexists-") else {
      return false
    }
    var device = name[start.upperBound...]
    if device.hasSuffix(".sh") { device = device.dropLast(3) }
    return DeviceName(device.replacing("\\x2f", with: "/")) != nil
  }
}
