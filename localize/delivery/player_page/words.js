"use strict";
/** Every word of the page, in each of its languages; a further language is one more table. */
window.localizeWords = {
  en: {
    name: "English", pageLanguage: "Page", controls: "Player", play: "Play", pause: "Pause", seek: "Time", clock: "{at} of {all}",
    sound: "Sound", original: "original", dubbed: "voices made with AI", subtitles: "Subtitles", off: "Off",
    style: "Written for", "style.auto": "This screen", "style.easy": "Easy reading", "style.sdh": "Deaf and hard of hearing",
    large: "Large letters", volume: "Volume", mute: "Mute", full: "Full screen", leaveFull: "Leave full screen",
    keys: "Keys", letters: "Keys of one letter work", close: "Close",
    made: "Every file of this film is listed and signed in provenance.json, next to this page.",
    noPicture: "This browser cannot show the picture of this film.", noSound: "This browser cannot play this sound: {name}.",
    "key.play": "play, pause", "key.seek": "5 s back, 5 s on", "key.volume": "louder, quieter", "key.mute": "mute",
    "key.sound": "next sound", "key.subtitles": "subtitles on, off", "key.style": "next kind of subtitles", "key.large": "large letters",
    "key.full": "full screen", "key.ends": "to the beginning, to the end", "key.help": "these keys",
  },
  es: {
    name: "Español", pageLanguage: "Página", controls: "Reproductor", play: "Reproducir", pause: "Pausa", seek: "Tiempo", clock: "{at} de {all}",
    sound: "Sonido", original: "original", dubbed: "voces generadas con IA", subtitles: "Subtítulos", off: "No",
    style: "Escritos para", "style.auto": "Esta pantalla", "style.easy": "Lectura fácil", "style.sdh": "Personas sordas",
    large: "Letra grande", volume: "Volumen", mute: "Silenciar", full: "Pantalla completa", leaveFull: "Salir de pantalla completa",
    keys: "Teclas", letters: "Funcionan las teclas de una letra", close: "Cerrar",
    made: "Todos los archivos de esta película están enumerados y firmados en provenance.json, junto a esta página.",
    noPicture: "Este navegador no puede mostrar la imagen de esta película.", noSound: "Este navegador no puede reproducir este sonido: {name}.",
    "key.play": "reproducir, pausa", "key.seek": "5 s atrás, 5 s adelante", "key.volume": "más alto, más bajo", "key.mute": "silenciar",
    "key.sound": "sonido siguiente", "key.subtitles": "subtítulos sí, no", "key.style": "siguiente clase de subtítulos", "key.large": "letra grande",
    "key.full": "pantalla completa", "key.ends": "al principio, al final", "key.help": "estas teclas",
  },
};
