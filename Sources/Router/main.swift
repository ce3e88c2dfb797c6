import Hummingbird
import GRDB
import Crypto
print("stub")
