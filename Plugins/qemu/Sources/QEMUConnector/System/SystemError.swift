import Foundation

/// What the operating system answered: an error number and the call and object it answered about.
struct SystemError: Error, Hashable, CustomStringConvertible {
  var number: Int32
  var call: String
  var object: String

  init(_ call: String, _ object: String, number: Int32 = errno) {
    self.number = number
    self.call = call
    self.object = object
  }

  var reason: String { String(cString: strerror(number)) }
  var description: String { "\(call) of \(object): \(reason)" }
}
